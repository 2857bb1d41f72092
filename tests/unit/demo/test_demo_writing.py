from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import pytest

from ossrep.demo.folder import DemoFolder
from ossrep.demo.parameters import DemoParameters, DemoRefused
from ossrep.demo.writing import write_demo

SMALL = DemoParameters(accounts=30, months=1)
KEPT_BY_THE_FOLDER = {"written.json"}


def write(path: Path, parameters: DemoParameters = SMALL) -> dict[str, str]:
    write_demo(folder=DemoFolder(path=path), parameters=parameters)
    return {
        str(file.relative_to(path)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.name not in KEPT_BY_THE_FOLDER
    }


class TestWriteDemo:
    def test_writes_the_same_bytes_for_the_same_seed(self, tmp_path: Path) -> None:
        assert write(tmp_path / "one") == write(tmp_path / "two")

    def test_writes_other_usage_for_another_seed(self, tmp_path: Path) -> None:
        one = write(tmp_path / "one")
        two = write(tmp_path / "two", DemoParameters(accounts=30, months=1, seed=7))

        lse = [name for name in one if name.endswith(".lse") and name in two]
        assert [name for name in lse if one[name] == two[name]] == []

    def test_counts_what_the_files_hold(self, tmp_path: Path) -> None:
        folder = DemoFolder(path=tmp_path / "demo")
        written = write_demo(folder=folder, parameters=SMALL)

        with (folder.path / "book" / "contracts.csv").open() as file:
            contracts = len(list(csv.DictReader(file)))
        blocks = sum(
            file.read_text().count("00000001,1") for file in folder.intervals.rglob("*.lse")
        )
        # One contract on an unknown plan, and one day of an ESI ID that nobody knows.
        assert (written.accounts, contracts) == (30, written.contracts + 1)
        assert blocks == written.interval_days["lse"]

    def test_leaves_files_alone_that_are_there(self, tmp_path: Path) -> None:
        folder = DemoFolder(path=tmp_path)
        first = write_demo(folder=folder, parameters=SMALL)
        reported: list[int] = []

        again = write_demo(folder=folder, parameters=SMALL, report=reported.append)

        assert (again, reported) == (first, [])

    def test_refuses_a_folder_with_another_demo(self, tmp_path: Path) -> None:
        folder = DemoFolder(path=tmp_path)
        folder.begin(parameters=SMALL)

        with pytest.raises(DemoRefused, match="holds a demo of"):
            write_demo(folder=folder, parameters=DemoParameters(accounts=31, months=1))

"""Files handed over, read within limits."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from ossrep.infra.input_files import LINE_CHARS_MAX, InputRefused, find_inputs


def _lines(path: Path, **options: int) -> list[tuple[int, str]]:
    (source,) = find_inputs(paths=[path], suffixes=[".csv"], **options)
    return list(source.lines())


class TestFindInputs:
    def test_takes_a_folder_in_the_order_of_names(self, tmp_path: Path) -> None:
        for name in ("b.csv", "a.CSV", "c.csv.gz", "notes.txt"):
            (tmp_path / name).write_text("x\n")
        with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
            archive.writestr("inner/e.csv", "x\n")
            archive.writestr("inner/readme.md", "x\n")

        found = [s.name for s in find_inputs(paths=[tmp_path], suffixes=[".csv"])]

        names = ("a.CSV", "b.csv", "c.csv.gz", "d.zip/inner/e.csv")
        assert found == [str(tmp_path / name) for name in names]

    def test_refuses_a_member_that_leads_out_of_the_archive(self, tmp_path: Path) -> None:
        path = tmp_path / "d.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("../../evil.csv", "x\n")

        with pytest.raises(InputRefused, match=r"evil\.csv: its name leads out of the archive"):
            _lines(path)

    def test_refuses_a_broken_archive_alone(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("x\n")
        (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 broken")

        good, bad = find_inputs(paths=[tmp_path], suffixes=[".csv"])

        assert list(good.lines()) == [(1, "x")]
        with pytest.raises(InputRefused, match=r"b\.zip: cannot be read: File is not a zip file"):
            list(bad.lines())


class TestLines:
    def test_pass_over_byte_order_mark_and_carriage_returns(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(b"\xef\xbb\xbfa,b\r\n1,2\r\n")

        assert _lines(path) == [(1, "a,b"), (2, "1,2")]

    def test_show_a_nul_that_no_table_can_hold(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(b"a\x00b\n")

        assert _lines(path) == [(1, r"a\x00b")]

    def test_come_out_of_gz_and_zip_alike(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a\nb\n"))
        with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", "a\nb\n")

        assert _lines(tmp_path / "a.csv.gz") == [(1, "a"), (2, "b")]
        assert _lines(tmp_path / "a.zip") == [(1, "a"), (2, "b")]

    def test_refuse_a_truncated_gz(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv.gz"
        path.write_bytes(gzip.compress(b"a\n" * 1000)[:-12])

        with pytest.raises(InputRefused, match="cannot be read: Compressed file ended"):
            _lines(path)

    def test_refuse_more_bytes_than_accepted(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv.gz"
        path.write_bytes(gzip.compress(b"0\n" * 5_000_000))

        with pytest.raises(InputRefused, match="unpacks to more bytes than are accepted"):
            _lines(path, bytes_max=1_000_000)

    def test_refuse_what_is_not_utf8_with_its_line(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(b"a\n\xff\n")

        with pytest.raises(InputRefused, match=r"a\.csv:2: is not UTF-8"):
            _lines(path)

    def test_refuse_a_line_without_end(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(b"a\n" + b"x" * (LINE_CHARS_MAX + 1))

        with pytest.raises(InputRefused, match=r"a\.csv:2: has more than 100000 bytes in a line"):
            _lines(path)

    def test_refuse_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(InputRefused, match=r"none\.csv: cannot be read: .*No such file"):
            _lines(tmp_path / "none.csv")

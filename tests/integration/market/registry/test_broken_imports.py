"""Imports that are killed, that meet each other, and documents that come in pieces."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connections

from ossrep.market.db import transaction
from ossrep.market.models import EsiIdExtract, ExtractDocument, OutboxEvent, ServicePoint
from ossrep.market.usecases.extracts.fetching import FetchFailed, fetch_extracts
from ossrep.market.usecases.extracts.importing import (
    ExtractImportRunning,
    ExtractOutcome,
    import_esi_ids,
)
from ossrep.market.usecases.service_points import apply_service_point_change
from tests.integration.market.registry.test_extracts import FILES, NOW, SAME, line_of

CHUNK = 20_000
_PROGRAM = """
import sys, datetime as dt
from pathlib import Path
import django; django.setup()
from ossrep.market.usecases.extracts.importing import import_esi_ids
for _ in import_esi_ids(paths=[Path(sys.argv[1])], now=dt.datetime(2026, 3, 3, tzinfo=dt.UTC),
                        advance=lambda n: print(n, flush=True), chunk_bytes=int(sys.argv[2])):
    pass
"""


def big_file(folder: Path) -> Path:
    path = folder / "ONCOR_ELEC___FUL-REPORTS-06-APR-26.csv"
    rows = [[f"1044372{n:010d}", f"{n} OAK ST", *SAME[2:]] for n in range(3_000)]
    path.write_text("".join(f"{line_of(row)}\n" for row in rows))
    return path


class TestAKilledImport:
    def test_goes_on_where_it_was(self, fresh_database: str, tmp_path: Path) -> None:
        path = big_file(tmp_path)
        with subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(path), str(CHUNK)],
            stdout=subprocess.PIPE,
            text=True,
        ) as victim:
            assert victim.stdout is not None
            victim.stdout.readline()
            victim.kill()
        before = EsiIdExtract.objects.get()
        assert before.state == "loading"
        assert 0 < before.lines_done == ServicePoint.objects.count() < 3_000

        (outcome,) = import_esi_ids(paths=[path], now=NOW, chunk_bytes=CHUNK)

        assert (outcome.resumed_after, outcome.added) == (before.lines_done, 3_000)
        after = EsiIdExtract.objects.get()
        assert (after.state, after.lines_done, after.added, after.same) == ("done", 3000, 3000, 0)
        assert ServicePoint.objects.count() == 3_000
        assert OutboxEvent.objects.count() == 1


class TestAPointThatAMessageMakesMeanwhile:
    def test_is_taken_as_known(self, fresh_database: str, tmp_path: Path) -> None:
        esi_id = f"1044372{1_500:010d}"
        found: list[ExtractOutcome] = []

        def take() -> None:
            try:
                found.extend(import_esi_ids(paths=[big_file(tmp_path)], now=NOW))
            finally:
                connections.close_all()

        thread = threading.Thread(target=take)
        with transaction():
            apply_service_point_change(
                source="814_20",
                reference="T1",
                effective_at=NOW + dt.timedelta(days=90),
                esi_id=esi_id,
                values={"status": "De-Energized"},
                now=NOW,
            )
            thread.start()
            wait_until_somebody_waits()
        thread.join()

        assert [(one.added, one.changed, one.same) for one in found] == [(2_999, 1, 0)]
        point = ServicePoint.objects.get(esi_id=esi_id)
        assert (point.status, point.street) == ("De-Energized", "1500 OAK ST")
        assert ServicePoint.objects.count() == 3_000


def wait_until_somebody_waits() -> None:
    until = time.monotonic() + 60
    with connections["market"].cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError("the import never met the other transaction")


class TestTwoImports:
    def test_do_not_run_at_once(self, fresh_database: str, tmp_path: Path) -> None:
        first = import_esi_ids(paths=sorted(FILES.glob("*FUL.zip")), now=NOW)
        next(first)
        told: list[BaseException] = []

        def second() -> None:
            try:
                list(import_esi_ids(paths=[big_file(tmp_path)], now=NOW))
            except ExtractImportRunning as error:
                told.append(error)
            finally:
                connections.close_all()

        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        list(first)

        assert [str(error) for error in told] == [
            "another import of ESI IDs is at work; wait for its end"
        ]
        (outcome,) = import_esi_ids(paths=[big_file(tmp_path)], now=NOW)
        assert outcome.added + outcome.changed == 3_000


class Mis(BaseHTTPRequestHandler):
    """ERCOT's list and documents; ``cut`` bytes of each document come at first."""

    documents: ClassVar[dict[str, Path]] = {}
    cut: ClassVar[int | None] = None
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        if url.path == "/mis/misapp/servlets/IceDocListJsonWS":
            assert query == {"reportTypeId": ["203"]}
            self.answer(200, json.dumps(self.listing()).encode())
        else:
            assert url.path == "/mis/misdownload/servlets/mirDownload"
            self.document(query["doclookupId"][0])

    def listing(self) -> dict[str, Any]:
        entries = [
            {"DocID": number, "ConstructedName": path.name, "FriendlyName": path.name[52:-4],
             "PublishDate": "2026-03-02T18:11:39-06:00", "Extension": "zip",
             "ContentSize": str(path.stat().st_size)}
            for number, path in self.documents.items()
        ]  # fmt: skip
        entries += [{"DocID": "9", "ConstructedName": "../../ONCOR_ELEC___FUL.zip"}]
        return {"ListDocsByRptTypeRes": {"DocumentList": [{"Document": one} for one in entries]}}

    def document(self, number: str) -> None:
        content = self.documents[number].read_bytes()
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        Mis.asked.append(f"{number} from {start}")
        end = len(content) if self.cut is None else self.cut
        self.answer(206 if start else 200, content[start:end])

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def mis() -> Iterator[str]:
    found = [next(FILES.glob(f"*{name}*FUL.zip")) for name in ("TNMP", "ONCOR")]
    Mis.documents, Mis.cut = dict(zip("12", found, strict=True)), None
    Mis.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mis)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/mis"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.django_db(databases="__all__")
class TestFetching:
    def fetch(self, mis: str, folder: Path) -> list[str]:
        return [path.name for path in fetch_extracts(base_url=mis, folder=folder, now=NOW)]

    def test_gets_what_is_new_and_nothing_twice(self, mis: str, tmp_path: Path) -> None:
        names = self.fetch(mis, tmp_path)
        self.fetch(mis, tmp_path)

        assert sorted(names) == sorted(path.name for path in Mis.documents.values())
        assert Mis.asked == ["1 from 0", "2 from 0"]
        assert (tmp_path / names[0]).read_bytes() == Mis.documents["1"].read_bytes()
        assert ExtractDocument.objects.count() == 2
        assert list(tmp_path.parent.glob("*.zip")) == []

    def test_goes_on_with_what_broke_off(self, mis: str, tmp_path: Path) -> None:
        Mis.cut = 100
        with pytest.raises(FetchFailed, match=r"has 100 bytes, the list says 9"):
            self.fetch(mis, tmp_path)
        assert not list(tmp_path.glob("*.zip"))

        Mis.cut = None
        names = self.fetch(mis, tmp_path)

        assert Mis.asked == ["1 from 0", "1 from 100", "2 from 0"]
        assert (tmp_path / names[0]).read_bytes() == Mis.documents["1"].read_bytes()

    def test_says_when_nobody_answers(self, tmp_path: Path) -> None:
        with pytest.raises(FetchFailed, match="ERCOT's list cannot be had"):
            self.fetch("http://127.0.0.1:9/mis", tmp_path)

    def test_is_what_the_command_does(
        self, mis: str, tmp_path: Path, settings: Any, capsys: Any
    ) -> None:
        settings.OSSREP_ERCOT_REPORTS_URL = mis
        settings.VAR_DIR = tmp_path
        before = dt.datetime.now(dt.UTC)

        from django.core.management import call_command

        call_command("market", "import-esiids", "--fetch", "--json")

        assert ServicePoint.objects.count() == 87
        assert ExtractDocument.objects.filter(imported_at__gte=before).count() == 2

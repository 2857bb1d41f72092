"""Takes ERCOT's ESI ID extracts into the registry, chunk by chunk.

A chunk is one transaction: its rows, its refused rows, its events and how far the file has come.
So an import that is killed anywhere goes on where it was, and its result is the same.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ossrep.infra.input_files import InputRefused, InputSource, find_inputs
from ossrep.kernel.errors import DomainError
from ossrep.market.db import connection, transaction
from ossrep.market.domain.esi_id_extract import (
    ExtractName,
    ExtractNameRefused,
    parse_extract_name,
)
from ossrep.market.files.extract_chunks import CHUNK_BYTES, ExtractChunk, read_chunks
from ossrep.market.models import EsiIdExtract, ExtractState, TdspAlias, TdspDuns
from ossrep.market.usecases.extracts.chunks import apply_chunk, tell_finished
from ossrep.market.usecases.refused_rows import REFUSED_ROWS_MAX

SUFFIXES = [".csv"]
# Real files shrink to a tenth; a thousandth is an attack on the disk.
PACKED_BYTES_FREE = 50_000_000
PACKED_RATIO_MAX = 200
CHUNKS_AHEAD = 2
_LOCK = "hashtext('market.esi_id_extract')"

Advance = Callable[[int], None]


class ExtractImportRunning(DomainError):
    """Another import of extracts is at work."""

    code = "extract_import_running"


@dataclass(slots=True, kw_only=True)
class ExtractOutcome:
    """What became of one file; ``refusal`` is set where it was not taken, or not to its end."""

    name: str
    territory: str = ""
    kind: str = ""
    state: str = ""
    lines: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    repeated: int = 0
    refused: int = 0
    was_known: bool = False
    resumed_after: int = 0
    refusal: str = ""
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _File:
    source: InputSource
    path: Path
    name: ExtractName


def import_esi_ids(
    *,
    paths: Sequence[Path],
    now: dt.datetime,
    advance: Advance = lambda lines: None,
    chunk_bytes: int = CHUNK_BYTES,
) -> Iterator[ExtractOutcome]:
    """Takes every extract of files and folders, older ones first; the same content once.

    Bad rows go to quarantine with line and reason, the others are taken. A file that is older
    than a full extract already taken of its territory changes nothing. Raises
    ExtractImportRunning where another import is at work.
    """
    with _alone():
        files, refusals = _find(paths)
        yield from refusals
        for file in sorted(files, key=lambda f: (f.name.effective_at, f.name.kind != "FUL")):
            outcome = ExtractOutcome(
                name=file.source.name, territory=file.name.territory, kind=file.name.kind
            )
            try:
                _import_file(file, outcome, now, advance, chunk_bytes)
            except InputRefused as refusal:
                outcome.refusal = str(refusal)
            yield outcome


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """A lock of this session, so that it lasts over transactions and ends with the process."""
    with connection().cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({_LOCK})")
        if not cursor.fetchone()[0]:
            raise ExtractImportRunning("another import of ESI IDs is at work; wait for its end")
    try:
        yield
    finally:
        with connection().cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_unlock({_LOCK})")


def _find(paths: Sequence[Path]) -> tuple[list[_File], list[ExtractOutcome]]:
    files: list[_File] = []
    refusals: list[ExtractOutcome] = []
    for path in _single_files(paths):
        sources = list(find_inputs(paths=[path], suffixes=SUFFIXES, bytes_max=_bytes_max(path)))
        if not sources:
            refusals.append(ExtractOutcome(name=str(path), refusal=f"{path}: holds no CSV file"))
        for source in sources:
            try:
                files.append(_File(source, path, parse_extract_name(source.short_name, path.name)))
            except ExtractNameRefused as refusal:
                told = f"{source.name}: {refusal}"
                refusals.append(ExtractOutcome(name=source.name, refusal=told))
    return files, refusals


def _single_files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        wanted = (".csv", ".csv.gz", ".zip")
        yield from sorted(p for p in path.rglob("*") if p.name.lower().endswith(wanted))


def _bytes_max(path: Path) -> int:
    packed = path.stat().st_size if path.exists() else 0
    is_packed = path.suffix.lower() in (".zip", ".gz")
    return max(PACKED_BYTES_FREE, PACKED_RATIO_MAX * packed) if is_packed else max(packed, 1)


def _import_file(
    file: _File, outcome: ExtractOutcome, now: dt.datetime, advance: Advance, chunk_bytes: int
) -> None:
    extract = _log_row(file, now)
    outcome.was_known = extract.state in (ExtractState.DONE, ExtractState.SUPERSEDED)
    if outcome.was_known:
        outcome.state = extract.state
        return
    outcome.resumed_after = extract.lines_done
    if _is_superseded(extract):
        extract.remark = "older than a full extract already taken"
        _finish(extract, ExtractState.SUPERSEDED, outcome, now)
        return
    known_numbers = set(
        TdspDuns.objects.filter(tdsp__code=extract.tdsp_code).values_list("duns", flat=True)
    )
    other_numbers: set[str] = set()
    try:
        chunks = read_chunks(file.source, lines_done=extract.lines_done, chunk_bytes=chunk_bytes)
        for chunk in _ahead(chunks):
            before = extract.lines_done
            apply_chunk(extract=extract, chunk=chunk, file_name=file.source.short_name, now=now)
            other_numbers |= chunk.duns - known_numbers
            advance(extract.lines_done - before)
            if extract.refused > REFUSED_ROWS_MAX:
                raise file.source.refusal(
                    f"more than {REFUSED_ROWS_MAX} rows do not fit, the rest is left",
                    chunk.last_line,
                )
        if extract.lines_done == 0:
            raise file.source.refusal("is empty")
    except InputRefused as refusal:
        extract.remark = str(refusal)[-500:]
        _finish(extract, ExtractState.BROKEN, outcome, now)
        raise
    if other_numbers and known_numbers:
        numbers = ", ".join(sorted(other_numbers)[:5])
        extract.remark = f"DUNS {numbers} in its rows is not known of {extract.tdsp_code}"
        outcome.remarks.append(extract.remark)
    _finish(extract, ExtractState.DONE, outcome, now)


def _log_row(file: _File, now: dt.datetime) -> EsiIdExtract:
    alias = TdspAlias.objects.select_related("tdsp").filter(territory=file.name.territory).first()
    if alias is None:
        raise file.source.refusal(
            f"no TDSP has the territory {file.name.territory}: add it to the TDSP aliases in the "
            "admin, then import the file again"
        )
    extract, _ = EsiIdExtract.objects.get_or_create(
        sha256=_digest(file),
        defaults={
            "file_name": file.source.short_name[:300],
            "territory": file.name.territory,
            "tdsp_code": alias.tdsp.code,
            "kind": file.name.kind,
            "report_date": file.name.report_date,
            "effective_at": file.name.effective_at,
            "started_at": now,
        },
    )
    return extract


def _digest(file: _File) -> str:
    """Of the file as it lies there and the name within it: a zip need not be unpacked for it."""
    # The name belongs to it: it says whose rows of which day these are.
    digest = hashlib.sha256(file.source.short_name.encode() + b"\0")
    try:
        with file.path.open("rb") as raw:
            while data := raw.read(1 << 20):
                digest.update(data)
    except OSError as error:
        raise file.source.refusal(f"cannot be read: {error}") from error
    return digest.hexdigest()


def _is_superseded(extract: EsiIdExtract) -> bool:
    newer = EsiIdExtract.objects.filter(
        territory=extract.territory,
        kind="FUL",
        state=ExtractState.DONE,
        effective_at__gte=extract.effective_at,
    )
    return newer.exclude(pk=extract.pk).exists()


def _ahead(chunks: Iterator[ExtractChunk]) -> Iterator[ExtractChunk]:
    """The chunks, read by another thread while the database works on those before."""
    found: queue.Queue[ExtractChunk | BaseException | None] = queue.Queue(CHUNKS_AHEAD)
    stopped = threading.Event()

    def put(item: ExtractChunk | BaseException | None) -> None:
        while not stopped.is_set():
            with contextlib.suppress(queue.Full):
                found.put(item, timeout=0.2)
                return

    def read() -> None:
        try:
            for chunk in chunks:
                put(chunk)
                if stopped.is_set():
                    return
        except BaseException as error:
            put(error)
        else:
            put(None)

    reader = threading.Thread(target=read, name="extract-reader", daemon=True)
    reader.start()
    try:
        while (item := found.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        reader.join()


def _finish(
    extract: EsiIdExtract, state: ExtractState, outcome: ExtractOutcome, now: dt.datetime
) -> None:
    extract.state = state
    extract.finished_at = now
    with transaction():
        extract.save()
        if state is not ExtractState.SUPERSEDED:
            tell_finished(extract=extract)
    outcome.state = state
    outcome.lines = extract.lines_done
    for name in ("added", "changed", "same", "repeated", "refused"):
        setattr(outcome, name, getattr(extract, name))

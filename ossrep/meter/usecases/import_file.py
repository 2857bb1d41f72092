"""One interval file, read as a stream: good days are stored, the rest goes to quarantine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from typing import BinaryIO

from django.db.models.functions import Now

from ossrep.infra.input_files import InputRefused, InputSource
from ossrep.kernel.errors import DomainError
from ossrep.meter.db import transaction
from ossrep.meter.domain.formats.detection import UnknownFormat, detect
from ossrep.meter.domain.formats.lines import LineTooLong
from ossrep.meter.domain.interval_days import DayBlock, Parsed, Refusal
from ossrep.meter.models import Intake
from ossrep.meter.usecases.quarantine import WHOLE_FILE, keep_refusals, settle_file
from ossrep.meter.usecases.store_days import DAYS_PER_BATCH, Desk, IntakeRef, Tally, store_days

PIECE_BYTES = 1 << 20
REFUSALS_PER_BATCH = 2_000
REFUSALS_PER_FILE_MAX = 100_000


class TooManyRefusals(DomainError):
    """A file of which so much is refused that it is surely not what it seems."""

    code = "too_many_refusals"


@dataclass(frozen=True, slots=True)
class FileReport:
    """What came of one file; ``error`` says why it was not read to its end."""

    intake_id: int
    file: str
    format: str
    tally: Tally
    error: str = ""


@dataclass(frozen=True, slots=True)
class FileProgress:
    """Quarter hours of a file that were read since the last report of it."""

    file: str
    intervals: int


OnProgress = Callable[[FileProgress], None]


def import_file(
    *,
    source: InputSource,
    intake_id: int,
    received_at: dt.datetime,
    desk: Desk,
    on_progress: OnProgress,
    refused_max: int = REFUSALS_PER_FILE_MAX,
) -> FileReport:
    """Imports one source under an intake that is registered already.

    Never raises for what is wrong with the file: the report and the quarantine say it. What was
    read before the fault is stored. More than ``refused_max`` refusals end the reading.
    """
    run = _Run(source, intake_id, received_at, desk, on_progress, refused_max)
    error = ""
    try:
        with source.open() as stream:
            for parsed in run.read(stream):
                run.take(parsed)
                run.check_limit()
    except (UnknownFormat, InputRefused, LineTooLong, TooManyRefusals) as fault:
        error = run.named(fault)
        run.take(run.rest_after_fault())
        run.store()
        run.refuse_rest(fault.code, error)
    else:
        run.store()
    run.close(error)
    return FileReport(intake_id, source.name, run.format, run.tally, error)


@dataclass(slots=True)
class _Run:
    source: InputSource
    intake_id: int
    received_at: dt.datetime
    desk: Desk
    on_progress: OnProgress
    refused_max: int
    format: str = "unknown"
    tally: Tally = field(default_factory=Tally)
    _blocks: list[DayBlock] = field(default_factory=list)
    _refusals: list[Refusal] = field(default_factory=list)
    _finish: Callable[[], Parsed] = Parsed

    def read(self, stream: BinaryIO) -> Iterator[Parsed]:
        """Parsed pieces of the stream; the first tells the format."""
        pieces = read_pieces(stream)
        head = next(pieces, b"")
        detected = detect(head)
        self.format = detected.format
        self._finish = detected.reader.finish
        Intake.objects.filter(pk=self.intake_id).update(kind=self.format)
        yield detected.reader.feed(head[detected.skip :])
        for piece in pieces:
            yield detected.reader.feed(piece)
        yield self.rest_after_fault()

    def rest_after_fault(self) -> Parsed:
        """What the reader still holds; incomplete days come out as refusals."""
        finish, self._finish = self._finish, Parsed
        return finish()

    def take(self, parsed: Parsed) -> None:
        """Collects a piece and stores the batch when it is large enough."""
        self._blocks += [block for block in parsed.blocks if len(block)]
        room = self.refused_max + 1 - self.tally.refused - len(self._refusals)
        self._refusals += parsed.refusals[: max(room, 0)]
        days = sum(len(block) for block in self._blocks)
        if days >= DAYS_PER_BATCH or len(self._refusals) >= REFUSALS_PER_BATCH:
            self.store()

    def check_limit(self) -> None:
        """Raises ``TooManyRefusals`` when the file has used up what may be refused of it."""
        if self.tally.refused + len(self._refusals) > self.refused_max:
            self._finish = Parsed
            raise TooManyRefusals(
                f"more than {self.refused_max} records of it are refused; the rest is not read. "
                "Mend the cause and import the file again",
                where=self.source.name,
            )

    def store(self) -> None:
        """Stores what is collected."""
        if not self._blocks and not self._refusals:
            return
        blocks, refusals = self._blocks, self._refusals
        self._blocks, self._refusals = [], []
        tally = store_days(
            blocks=blocks,
            refusals=refusals,
            intake=IntakeRef(self.intake_id, self.format, self.source.name, self.received_at),
            desk=self.desk,
            refusal_format=self.format,
        )
        self.tally.add(tally)
        read = sum(block.wh.size for block in blocks)
        self.on_progress(FileProgress(self.source.name, read))

    def named(self, fault: DomainError) -> str:
        """The fault's text with the file's name in front."""
        text = str(fault)
        return text if text.startswith(self.source.name) else f"{self.source.name}: {text}"

    def refuse_rest(self, reason: str, error: str) -> None:
        """Keeps in quarantine that the file was not read to its end."""
        refusal = Refusal(reason, error, WHOLE_FILE, WHOLE_FILE, b"")
        with transaction():
            keep_refusals(
                refusals=[refusal],
                intake_id=self.intake_id,
                file=self.source.name,
                format=self.format,
            )
        self.tally.refusals[reason] += 1

    def close(self, error: str) -> None:
        """Writes how it ended; a file that reads well settles earlier refusals of it as a whole."""
        with transaction():
            Intake.objects.filter(pk=self.intake_id).update(
                state="refused" if error else "done",
                message=error,
                finished_at=Now(),
                refused_records=self.tally.refused,
            )
            if not error:
                settle_file(file=self.source.name, intake_id=self.intake_id)


def read_pieces(stream: BinaryIO) -> Iterator[bytes]:
    """The stream in pieces of about ``PIECE_BYTES``, also what precedes damage in it."""
    read = stream.read1 if isinstance(stream, BufferedReader) else stream.read
    parts: list[bytes] = []
    size = 0
    try:
        while data := read(PIECE_BYTES):
            parts.append(data)
            size += len(data)
            if size >= PIECE_BYTES:
                yield b"".join(parts)
                parts, size = [], 0
    except InputRefused:
        if parts:
            yield b"".join(parts)
        raise
    if parts:
        yield b"".join(parts)

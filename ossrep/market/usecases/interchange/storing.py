"""Raw bytes first: a file is kept as it came before anyone looks into it."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NewType
from zlib import crc32

from ossrep.kernel.errors import DomainError
from ossrep.market.db import connection, transaction
from ossrep.market.models import (
    Channel,
    InboundArrival,
    InboundFile,
    InboundWork,
    TradingPartner,
)
from ossrep.market.usecases.interchange.answering import send_answers_again
from ossrep.market.usecases.interchange.resuming import has_refused_groups

InboundFileId = NewType("InboundFileId", int)

FILE_BYTES_MAX = 1 << 30
CHUNK_BYTES = 1 << 20
NAME_CHARS_MAX = 300
SCANNED_BYTES_MAX = 8 << 20
START_BYTES = 512
ESI_KEYS_MAX = 20_000

_ESI_IN_X12 = re.compile(rb"Q5([^0-9A-Za-z])[^\r\n]{0,30}?\1([0-9A-Za-z]{8,40})")
_ESI_IN_TEXT = re.compile(rb"(?<![0-9])10[0-9]{13,20}(?![0-9])")
_NO_TEXT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")

_INSERT_FILE = """
    INSERT INTO inbound_file (sha256, size_bytes, syntax, name, received_at)
    VALUES (%s, %s, %s, %s, %s) ON CONFLICT (sha256) DO NOTHING RETURNING id
"""
_KEEP = """
    COPY inbound_chunk (file_id, "offset", data) FROM STDIN (FORMAT BINARY)
"""
_CHUNK = """
    SELECT "offset", data FROM inbound_chunk WHERE file_id = %s AND "offset" > %s
    ORDER BY "offset" LIMIT 1
"""


class FileTooLarge(DomainError):
    """A file of more bytes than are taken."""

    code = "file_too_large"


class FileChanged(DomainError):
    """A file that was written to while it was read."""

    code = "file_changed"


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a file is kept; ``is_repeat`` when its content had come before."""

    file_id: InboundFileId
    is_repeat: bool


def store_file(
    *,
    name: str,
    data: bytes,
    channel: Channel,
    now: dt.datetime,
    partner: TradingPartner | None = None,
) -> Stored:
    """As ``store_stream``, of bytes at hand."""
    source = io.BytesIO(data)
    return store_stream(name=name, source=source, channel=channel, now=now, partner=partner)


def store_stream(
    *,
    name: str,
    source: BinaryIO,
    channel: Channel,
    now: dt.datetime,
    partner: TradingPartner | None = None,
) -> Stored:
    """Keeps a file unchanged, by its SHA-256, in a committed transaction of its own.

    The source is read twice from its beginning, piece by piece. ``partner`` says whose a file
    without envelope is. Content that came before is not kept twice: processed, it is answered
    again without effect; refused or quarantined, or with groups that were refused, it is taken
    up again, for what was in its way may be gone. Raises ``FileTooLarge`` and ``FileChanged``.
    """
    shown = shown_name(name)
    look = _look_at(source, shown)
    with transaction():
        with connection().cursor() as cursor:
            cursor.execute(
                _INSERT_FILE, [look.sha256, look.size_bytes, syntax_of(look.start), shown, now]
            )
            row = cursor.fetchone()
        if row is None:
            known = InboundFile.objects.values_list("pk", flat=True)
            file_id: int = known.get(sha256=look.sha256)
            _take_up_again(file_id, channel, partner, now)
        else:
            file_id = row[0]
            _keep_bytes(file_id, source, look.sha256, shown)
            InboundWork.objects.create(
                file_id=file_id,
                channel=channel,
                partner=partner,
                esi_keys=look.esi_keys,
                is_barrier=look.size_bytes > SCANNED_BYTES_MAX,
            )
        InboundArrival.objects.create(
            file_id=file_id,
            channel=channel,
            partner=partner,
            name=shown,
            arrived_at=now,
            is_repeat=row is None,
        )
    return Stored(InboundFileId(file_id), row is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What a first reading of a file tells; ``start`` is its beginning."""

    sha256: str
    size_bytes: int
    start: bytes
    esi_keys: Sequence[int]


def _look_at(source: BinaryIO, name: str) -> _Look:
    digest, size = hashlib.sha256(), 0
    scanned: list[bytes] = []
    for piece in _pieces(source):
        digest.update(piece)
        size += len(piece)
        if size > FILE_BYTES_MAX:
            raise FileTooLarge(f"has more than {FILE_BYTES_MAX} bytes", where=name)
        if size <= SCANNED_BYTES_MAX or not scanned:
            scanned.append(piece)
        else:
            del scanned[1:]
    return _Look(
        sha256=digest.hexdigest(),
        size_bytes=size,
        start=scanned[0][:START_BYTES] if scanned else b"",
        esi_keys=[] if size > SCANNED_BYTES_MAX else esi_keys(b"".join(scanned)),
    )


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    source.seek(0)
    while piece := source.read(CHUNK_BYTES):
        yield piece


def read_chunks(*, file_id: int) -> Iterator[bytes]:
    """A stored file as it came, piece by piece."""
    offset = -1
    while True:
        with connection().cursor() as cursor:
            cursor.execute(_CHUNK, [file_id, offset])
            row = cursor.fetchone()
        if row is None:
            return
        offset = row[0]
        yield bytes(row[1])


def read_bytes(*, file_id: int) -> bytes:
    """A stored file as it came."""
    return b"".join(read_chunks(file_id=file_id))


def syntax_of(data: bytes) -> str:
    """``x12`` where an interchange header stands at the beginning, else ``flat``."""
    return "x12" if data[:START_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"ISA") else "flat"


def esi_keys(data: bytes) -> Sequence[int]:
    """Numbers of the ESI IDs that seem to stand in a file; an extra one only costs waiting."""
    if len(data) > SCANNED_BYTES_MAX:
        return []
    found = {match[1] for match in _ESI_IN_X12.findall(data)}
    if syntax_of(data) != "x12":
        found.update(_ESI_IN_TEXT.findall(data))
    return sorted({crc32(esi_id) - (1 << 31) for esi_id in found})[:ESI_KEYS_MAX]


def shown_name(name: str) -> str:
    """A file name that can be stored and shown, however hostile it was."""
    return _NO_TEXT.sub("?", name)[-NAME_CHARS_MAX:] or "?"


def _keep_bytes(file_id: int, source: BinaryIO, sha256: str, name: str) -> None:
    digest, offset = hashlib.sha256(), 0
    with connection().cursor() as cursor, cursor.copy(_KEEP) as copy:
        copy.set_types(["int8", "int8", "bytea"])
        for piece in _pieces(source):
            copy.write_row((file_id, offset, piece))
            digest.update(piece)
            offset += len(piece)
    if digest.hexdigest() != sha256:
        raise FileChanged("changed while it was read: hand it in again", where=name)


def _take_up_again(
    file_id: int, channel: Channel, partner: TradingPartner | None, now: dt.datetime
) -> None:
    work = InboundWork.objects.select_for_update().get(pk=file_id)
    if work.state == "done":
        send_answers_again(file_id=file_id, now=now)
        if has_refused_groups(file_id=file_id):
            work.state = "stored"
            work.save(update_fields=["state"])
    elif work.state != "stored":
        work.state, work.channel, work.partner, work.note = "stored", channel, partner, ""
        work.save(update_fields=["state", "channel", "partner", "note"])

"""Raw bytes first: a file is kept as it came before anyone looks into it."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NewType
from zlib import crc32

from ossrep.kernel.errors import DomainError
from ossrep.market.db import connection, transaction
from ossrep.market.models import (
    Channel,
    InboundArrival,
    InboundChunk,
    InboundFile,
    InboundWork,
    TradingPartner,
)
from ossrep.market.usecases.interchange.answering import send_answers_again

InboundFileId = NewType("InboundFileId", int)

FILE_BYTES_MAX = 1 << 30
CHUNK_BYTES = 1 << 20
NAME_CHARS_MAX = 300
SCANNED_BYTES_MAX = 8 << 20
ESI_KEYS_MAX = 20_000

_ESI_IN_X12 = re.compile(rb"Q5([^0-9A-Za-z])[^\r\n]{0,30}?\1([0-9A-Za-z]{8,40})")
_ESI_IN_TEXT = re.compile(rb"(?<![0-9])10[0-9]{13,20}(?![0-9])")
_NO_TEXT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")

_INSERT_FILE = """
    INSERT INTO inbound_file (sha256, size_bytes, syntax, name, received_at)
    VALUES (%s, %s, %s, %s, %s) ON CONFLICT (sha256) DO NOTHING RETURNING id
"""


class FileTooLarge(DomainError):
    """A file of more bytes than are taken."""

    code = "file_too_large"


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
    """Keeps a file unchanged, by its SHA-256, in a committed transaction of its own.

    ``partner`` says whose a file without envelope is. Content that came before is not kept
    twice: processed, it is answered again without effect; refused or quarantined, it is taken
    up again as if new, for what was in its way may be gone.
    """
    if len(data) > FILE_BYTES_MAX:
        raise FileTooLarge(f"has more than {FILE_BYTES_MAX} bytes", where=name)
    shown = shown_name(name)
    digest = hashlib.sha256(data).hexdigest()
    with transaction():
        with connection().cursor() as cursor:
            cursor.execute(_INSERT_FILE, [digest, len(data), syntax_of(data), shown, now])
            row = cursor.fetchone()
        if row is None:
            file_id: int = InboundFile.objects.values_list("pk", flat=True).get(sha256=digest)
            _take_up_again(file_id, channel, partner, now)
        else:
            file_id = row[0]
            _keep_bytes(file_id, data)
            InboundWork.objects.create(
                file_id=file_id,
                channel=channel,
                partner=partner,
                esi_keys=esi_keys(data),
                is_barrier=len(data) > SCANNED_BYTES_MAX,
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


def read_bytes(*, file_id: int) -> bytes:
    """A stored file as it came."""
    chunks = InboundChunk.objects.filter(file_id=file_id).order_by("offset")
    return b"".join(bytes(data) for data in chunks.values_list("data", flat=True))


def syntax_of(data: bytes) -> str:
    """``x12`` where an interchange header stands at the beginning, else ``flat``."""
    return "x12" if data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"ISA") else "flat"


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


def _keep_bytes(file_id: int, data: bytes) -> None:
    InboundChunk.objects.bulk_create(
        (
            InboundChunk(file_id=file_id, offset=start, data=data[start : start + CHUNK_BYTES])
            for start in range(0, len(data), CHUNK_BYTES)
        ),
        batch_size=1,
    )


def _take_up_again(
    file_id: int, channel: Channel, partner: TradingPartner | None, now: dt.datetime
) -> None:
    work = InboundWork.objects.select_for_update().get(pk=file_id)
    if work.state == "done":
        send_answers_again(file_id=file_id, now=now)
    elif work.state != "stored":
        work.state, work.channel, work.partner, work.note = "stored", channel, partner, ""
        work.save(update_fields=["state", "channel", "partner", "note"])

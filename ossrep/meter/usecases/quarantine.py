"""Keeping aside what could not be loaded, and trying it again."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence

from django.db.models.functions import Now

from ossrep.meter.db import connection
from ossrep.meter.domain.interval_days import Refusal
from ossrep.meter.models import QuarantinedRecord

RAW_BYTES_MAX = 512 * 1024
WHOLE_FILE = 0
"""Stands for the line of a refusal that means a file as a whole."""


def keep_refusals(*, refusals: Sequence[Refusal], intake_id: int, file: str, format: str) -> None:
    """Writes refusals, inside the caller's transaction.

    What is in quarantine already for the same reason is not kept twice; its attempts count up.
    """
    if not refusals:
        return
    rows = {}
    for refusal in refusals:
        digest = _digest(refusal, file)
        rows[digest, refusal.reason] = (
            intake_id,
            file,
            refusal.first_line,
            refusal.last_line,
            refusal.esi_id,
            refusal.date,
            refusal.reason,
            refusal.message,
            format,
            refusal.raw[:RAW_BYTES_MAX],
            digest,
        )
    with connection().cursor() as cursor:
        cursor.executemany(_INSERT, list(rows.values()))


def settle_file(*, file: str, intake_id: int) -> None:
    """Closes open refusals of a file as a whole, now that it was read to its end."""
    QuarantinedRecord.objects.filter(file=file, first_line=WHOLE_FILE, state="open").update(
        state="loaded",
        decided_at=Now(),
        decision="the file was imported again",
        loaded_by=intake_id,
    )


_INSERT = """
INSERT INTO quarantined_record AS q
  (intake_id, file, first_line, last_line, esi_id, date, reason, message, format, raw,
   raw_digest, state, attempts, decision)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'open', 1, '')
ON CONFLICT (raw_digest, reason) WHERE state = 'open'
DO UPDATE SET attempts = q.attempts + 1, message = excluded.message
"""


def _digest(refusal: Refusal, file: str) -> uuid.UUID:
    content = refusal.raw or f"{file}\0{refusal.message}".encode()
    return uuid.UUID(bytes=hashlib.blake2b(content, digest_size=16).digest())

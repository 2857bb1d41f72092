"""Rows that could not be taken go into quarantine, each case once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from itertools import islice

from ossrep.customer.db import connection, rows, run
from ossrep.customer.domain.records import Kind
from ossrep.customer.files.book_reading import BookRow
from ossrep.customer.files.lines import Fault

Refused = tuple[BookRow, Fault]

_COLUMNS = "kind, number, file, line, reason_code, reason, raw, record, fingerprint"


def _kept(row: BookRow) -> str:
    # The database cannot keep a null byte in text.
    return row.raw.replace("\x00", "\\x00")


def fingerprint(row: BookRow) -> str:
    """What makes two refused rows of a kind the same case."""
    return hashlib.sha256(_kept(row).encode(errors="backslashreplace")).hexdigest()


def keep(run_id: int, refused: Iterable[Refused], *, chunk: int = 2_000) -> None:
    """Adds refused rows, or renews the reason of those that are there, in the transaction."""
    left = iter(refused)
    while part := list(islice(left, chunk)):
        # Two rows of the same content in one statement would touch one case twice.
        once = {(row.kind.name, fingerprint(row)): (row, fault) for row, fault in part}
        _keep(run_id, list(once.values()))


def _keep(run_id: int, refused: Sequence[Refused]) -> None:
    run(
        "CREATE TEMP TABLE IF NOT EXISTS refused_row (kind text, number text, file text, "
        "line bigint, reason_code text, reason text, raw text, record jsonb, fingerprint text) "
        "ON COMMIT DROP"
    )
    run("TRUNCATE refused_row")
    with connection().cursor() as cursor, cursor.copy("COPY refused_row FROM STDIN") as copy:
        for row, fault in refused:
            copy.write_row(_values(row, fault))
    run(
        f"INSERT INTO quarantined_row AS q ({_COLUMNS}, run_id, state, decision) "  # noqa: S608
        f"SELECT {_COLUMNS}, %s, 'open', '' FROM refused_row "
        "ON CONFLICT (kind, fingerprint) WHERE state = 'open' DO UPDATE SET run_id = "
        "EXCLUDED.run_id, file = EXCLUDED.file, line = EXCLUDED.line, number = EXCLUDED.number, "
        "reason_code = EXCLUDED.reason_code, reason = EXCLUDED.reason, "
        "record = EXCLUDED.record, attempts = q.attempts + 1",
        [run_id],
    )


def _values(row: BookRow, fault: Fault) -> tuple[object, ...]:
    number = row.kind.number_of(row.record)[:100] if row.record is not None else ""
    record = json.dumps(dict(row.record)) if row.record is not None else None
    if record is not None and "\\u0000" in record:
        record = record.replace("\\u0000", "?")
    number, raw = number.replace("\x00", "?"), _kept(row)
    place = (row.file[-300:], row.line)
    return (
        row.kind.name,
        number,
        *place,
        fault.code,
        fault.reason,
        raw,
        record,
        fingerprint(row),
    )


def close(kind: Kind, taken: Sequence[BookRow]) -> None:
    """Closes the open cases of rows that were taken: these very rows, or others of the number."""
    if not rows(
        "SELECT 1 FROM quarantined_row WHERE state = 'open' AND kind = %s LIMIT 1", [kind.name]
    ):
        return
    numbers = [kind.number_of(row.record) for row in taken if row.record is not None]
    prints = [fingerprint(row) for row in taken if row.record is not None]
    run(
        "UPDATE quarantined_row q SET decided_at = now(), state = "
        "CASE WHEN q.fingerprint = w.fingerprint THEN 'imported' ELSE 'superseded' END "
        "FROM unnest(%s::text[], %s::text[]) AS w(number, fingerprint) "
        "WHERE q.state = 'open' AND q.kind = %s AND q.number = w.number "
        "AND (q.reason_code <> 'twice_in_book' OR q.fingerprint = w.fingerprint)",
        [numbers, prints, kind.name],
    )

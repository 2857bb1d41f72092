"""What an operator does with quarantined records: try them again, or let them be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import F
from django.db.models.functions import Now

from ossrep.kernel.errors import DomainError
from ossrep.meter.db import transaction
from ossrep.meter.domain.formats.detection import reader_of
from ossrep.meter.domain.interval_days import Parsed, Refusal
from ossrep.meter.models import Intake, QuarantinedRecord
from ossrep.meter.usecases.load_rulebook import load_rulebook
from ossrep.meter.usecases.meter_point_registry import MeterPointRegistry
from ossrep.meter.usecases.quarantine import WHOLE_FILE
from ossrep.meter.usecases.store_days import (
    Desk,
    IntakeRef,
    Tally,
    screen_days,
    store_arrivals,
)

RECORDS_PER_RETRY_MAX = 100_000


class NotInQuarantine(DomainError):
    """A record that is not there, or about which someone has decided."""

    code = "not_in_quarantine"


@dataclass(slots=True)
class RetryReport:
    """How many records loaded, which are still refused (id, why), which are whole files."""

    loaded: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    whole_files: list[str] = field(default_factory=list)


def retry_quarantined(*, record_ids: Sequence[int] | None, received_at: dt.datetime) -> RetryReport:
    """Reads open records again (all, or those named) and stores what is good now.

    A record that is still refused stays open, with the new reason. A file that was refused as a
    whole must be imported again; it is only named.
    """
    records = QuarantinedRecord.objects.filter(state="open").order_by("id")
    if record_ids is not None:
        records = records.filter(pk__in=record_ids)
        _check_ids(record_ids, set(records.values_list("pk", flat=True)))
    report = RetryReport()
    chosen = list(records[:RECORDS_PER_RETRY_MAX])
    if not chosen:
        return report
    with transaction():
        intake = Intake.objects.create(
            kind="retry", name="quarantine retry", received_at=received_at
        )
    desk = Desk(MeterPointRegistry(), load_rulebook())
    for record in chosen:
        if record.first_line == WHOLE_FILE:
            report.whole_files.append(record.file)
            continue
        refusal = _retry(record, intake, desk)
        if refusal is None:
            report.loaded += 1
        else:
            report.refused.append((record.pk, refusal.message))
    Intake.objects.filter(pk=intake.pk).update(
        state="done", finished_at=Now(), refused_records=len(report.refused)
    )
    return report


def _check_ids(wanted: Sequence[int], found: set[int]) -> None:
    absent = [str(record_id) for record_id in wanted if record_id not in found]
    if absent:
        raise NotInQuarantine(f"no open record has the number {', '.join(absent[:10])}")


def _retry(record: QuarantinedRecord, intake: Intake, desk: Desk) -> Refusal | None:
    ref = IntakeRef(intake.pk, record.format, record.file, intake.received_at)
    reader = reader_of(format=record.format, next_line=record.first_line)
    parsed = Parsed()
    parsed.extend(reader.feed(bytes(record.raw)))
    parsed.extend(reader.finish())
    if parsed.refusals:
        return _still_refused(record, parsed.refusals[0])
    arrivals, late = screen_days(blocks=parsed.blocks, intake=ref, desk=desk)
    if late or not arrivals:
        nothing = Refusal(record.reason, record.message, record.first_line, record.last_line, b"")
        return _still_refused(record, late[0] if late else nothing)
    with transaction():
        tally = store_arrivals(arrivals=arrivals, intake=ref, desk=desk)
        QuarantinedRecord.objects.filter(pk=record.pk).update(
            state="loaded",
            decided_at=Now(),
            decision=_outcome(tally),
            loaded_by=intake,
            attempts=F("attempts") + 1,
        )
    return None


def _outcome(tally: Tally) -> str:
    return ", ".join(f"{count} {outcome.value}" for outcome, count in tally.outcomes.items())


def _still_refused(record: QuarantinedRecord, refusal: Refusal) -> Refusal:
    same = QuarantinedRecord.objects.filter(
        raw_digest=record.raw_digest, reason=refusal.reason, state="open"
    ).exclude(pk=record.pk)
    # The same piece may be there already for the new reason; then only the attempt is noted.
    reason = record.reason if same.exists() else refusal.reason
    QuarantinedRecord.objects.filter(pk=record.pk).update(
        attempts=F("attempts") + 1, message=refusal.message, reason=reason
    )
    return refusal


def dismiss_quarantined(*, record_ids: Sequence[int], reason: str) -> int:
    """Closes open records that shall not be loaded; the reason is kept with them."""
    if not reason.strip():
        raise NotInQuarantine("say why the records are dismissed", where="reason")
    with transaction():
        records = QuarantinedRecord.objects.select_for_update().filter(
            pk__in=record_ids, state="open"
        )
        _check_ids(record_ids, set(records.values_list("pk", flat=True)))
        return records.update(state="dismissed", decided_at=Now(), decision=reason)

"""Takes the daily switch-hold lists of the TDSPs into the registry of service points."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ossrep.infra.input_files import InputRefused, InputSource, find_inputs
from ossrep.kernel.errors import DomainError
from ossrep.market.db import connection, transaction
from ossrep.market.domain.switch_holds import (
    HeldPoint,
    HoldListNameRefused,
    HoldRowRefused,
    hold_list_instant,
    parse_hold_list_name,
    parse_hold_row,
)
from ossrep.market.models import RefusedFileRow, ServicePoint, SwitchHoldList, Tdsp
from ossrep.market.queries.tdsps import tdsp_codes_by_duns
from ossrep.market.usecases.refused_rows import (
    REFUSED_ROWS_MAX,
    keep_refused_rows,
    refused_row,
)
from ossrep.market.usecases.service_points import apply_service_point_change

SOURCE = "hold-list"
KIND = "switch-hold"


class RetryOfHoldRowRefused(DomainError):
    """A refused row whose list is not known any more."""

    code = "retry_of_hold_row_refused"


@dataclass(slots=True, kw_only=True)
class HoldListOutcome:
    """What became of one file; ``refusal`` is set where the whole file was refused."""

    name: str
    rows: int = 0
    held: int = 0
    released: int = 0
    refused: int = 0
    was_known: bool = False
    is_superseded: bool = False
    keeps_absent: bool = False
    refusal: str = ""
    refused_rows: list[str] = field(default_factory=list)


def import_switch_holds(*, paths: Sequence[Path], now: dt.datetime) -> Iterator[HoldListOutcome]:
    """Takes every list of the paths, one transaction each; the same content again does nothing.

    A list is complete for its TDSP ("All Inclusive"): an ESI ID of that TDSP that is not in it
    loses its hold, unless something newer told of it. Where a row had to be refused the list is
    not sure to be complete, so nobody loses a hold by it. A list older than one already taken
    is kept on record and changes nothing. Bad rows go to quarantine.
    """
    for source in find_inputs(paths=paths, suffixes=[".txt"]):
        outcome = HoldListOutcome(name=source.name)
        try:
            with transaction():
                _import_list(source, outcome, now)
        except (InputRefused, HoldListNameRefused) as refusal:
            told = str(refusal) if refusal.where else f"{source.name}: {refusal}"
            outcome = HoldListOutcome(name=source.name, refusal=told)
        yield outcome


def _import_list(source: InputSource, outcome: HoldListOutcome, now: dt.datetime) -> None:
    name = parse_hold_list_name(source.short_name)
    code = tdsp_codes_by_duns(duns=[name.duns]).get(name.duns)
    tdsp = Tdsp.objects.filter(code=code).first()
    if tdsp is None:
        raise source.refusal(
            f"no TDSP has or had the DUNS number {name.duns}; see manage.py market list-tdsps"
        )
    with connection().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('market.switch_hold_list'))")
    digest = _digest(source)
    if SwitchHoldList.objects.filter(sha256=digest).exists():
        outcome.was_known = True
        return
    held, refused = _read(source, outcome, name.list_date)
    if not held:
        raise source.refusal("holds no ESI ID that can be read: no hold is taken away by it")
    same_day = SwitchHoldList.objects.filter(tdsp=tdsp, list_date=name.list_date)
    told = SwitchHoldList(
        tdsp=tdsp,
        list_date=name.list_date,
        ordinal=same_day.count(),
        file_name=source.short_name[:300],
        sha256=digest,
        received_at=now,
    )
    outcome.is_superseded = SwitchHoldList.objects.filter(
        tdsp=tdsp, list_date__gt=name.list_date
    ).exists()
    if not outcome.is_superseded:
        _apply(told, outcome, held, is_complete=not refused)
    outcome.refused = len(refused)
    told.rows, told.held = outcome.rows, outcome.held
    told.released, told.refused = outcome.released, outcome.refused
    told.save()
    keep_refused_rows(rows=refused)


def _apply(
    told: SwitchHoldList, outcome: HoldListOutcome, held: dict[str, HeldPoint], *, is_complete: bool
) -> None:
    for point in held.values():
        _tell(told, point.esi_id, since=point.since)
    outcome.held = len(held)
    outcome.keeps_absent = not is_complete
    if is_complete:
        outcome.released = _release_absent(told, held)


def _digest(source: InputSource) -> str:
    # The name belongs to it: it says whose list of which day the same rows are.
    digest = hashlib.sha256(source.short_name.encode() + b"\0")
    with source.open() as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _read(
    source: InputSource, outcome: HoldListOutcome, list_date: dt.date
) -> tuple[dict[str, HeldPoint], list[RefusedFileRow]]:
    held: dict[str, HeldPoint] = {}
    refused: list[RefusedFileRow] = []
    for number, line in source.lines():
        if not line.strip():
            continue
        outcome.rows += 1
        try:
            point = parse_hold_row(line, list_date=list_date)
            before = held.setdefault(point.esi_id, point)
            if before != point:
                raise HoldRowRefused(f"the list gave {before.since} for this ESI ID before")
        except HoldRowRefused as refusal:
            refused.append(
                refused_row(kind=KIND, source=source, line=number, text=line, refusal=refusal)
            )
            outcome.refused_rows.append(f"{source.name}:{number}: {refusal}")
            if len(refused) > REFUSED_ROWS_MAX:
                raise source.refusal(
                    f"more than {REFUSED_ROWS_MAX} rows do not fit, nothing is taken", number
                ) from refusal
    return held, refused


def _release_absent(told: SwitchHoldList, held: dict[str, HeldPoint]) -> int:
    absent = ServicePoint.objects.filter(
        tdsp_code=told.tdsp.code, has_switch_hold=True
    ).values_list("esi_id", flat=True)
    return sum(_tell(told, esi_id, since=None) for esi_id in sorted(set(absent) - set(held)))


def _tell(told: SwitchHoldList, esi_id: str, *, since: dt.date | None) -> bool:
    """One word of the list to the registry; whether the service point is without hold now."""
    values: dict[str, object] = {"has_switch_hold": since is not None}
    if since is not None:
        values["tdsp_code"] = told.tdsp.code
    point_id = apply_service_point_change(
        source=SOURCE,
        effective_at=hold_list_instant(list_date=told.list_date, ordinal=told.ordinal),
        esi_id=esi_id,
        reference=f"{told.tdsp.code} {told.list_date} {told.ordinal} {told.sha256[:12]}",
        values=values,
        notes=[f"on hold since {since}" if since else "not in the list any more"],
        now=told.received_at,
    )
    return since is None and not ServicePoint.objects.get(pk=point_id).has_switch_hold


def retry_hold_rows(*, as_of: dt.datetime) -> tuple[int, int]:
    """Reads every open refused row of hold lists again; (taken now, still refused).

    A row that is taken sets its hold as of its own list; holds that others kept because of it stay
    until the next list.
    """
    with transaction():
        rows = RefusedFileRow.objects.select_for_update().filter(kind=KIND, settled_at=None)
        taken = [_retried(row) for row in rows.order_by("pk")]
        done = [row for row in taken if row is not None]
        RefusedFileRow.objects.filter(pk__in=[row.pk for row in done]).update(
            settled_at=as_of, settlement="taken"
        )
    return len(done), len(taken) - len(done)


def _retried(row: RefusedFileRow) -> RefusedFileRow | None:
    try:
        told = SwitchHoldList.objects.filter(file_name=row.file_name).order_by("-pk").first()
        if told is None:
            raise RetryOfHoldRowRefused("its list was not taken")
        point = parse_hold_row(row.raw_row, list_date=told.list_date)
        if ServicePoint.objects.filter(
            esi_id=point.esi_id,
            changes__source=SOURCE,
            changes__reference__endswith=told.sha256[:12],
        ).exists():
            raise HoldRowRefused("its list told of this ESI ID in another row")
    except (HoldRowRefused, RetryOfHoldRowRefused) as refusal:
        row.message = str(refusal)[:300]
        row.save(update_fields=["message"])
        return None
    _tell(told, point.esi_id, since=point.since)
    return row

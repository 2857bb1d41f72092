"""Usage and invoices that a scheduled read should have brought, and corrections that wait."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ossrep.infra.services import resolve
from ossrep.kernel.identifiers import EsiId
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.db import connection, transaction
from ossrep.market.domain.clocks import Calendars
from ossrep.market.domain.deadlines import local_text
from ossrep.market.domain.matching_rules import (
    document_due_at,
    expected_kinds,
    looked_back,
    read_tolerance,
    waiting_until,
)
from ossrep.market.models import ParkedSet, ReadDate, WorkItem
from ossrep.market.queries.calendars import get_calendars
from ossrep.market.queries.delivery_charges import find_last_charges
from ossrep.market.usecases.interchange.waiting import WAITED_TOO_LONG
from ossrep.market.usecases.work_items import open_work_item, resolve_by_key
from ossrep.published.customer import CustomerService

MISSING = "document_missing"
ROWS_MAX = 100_000
_DAY = dt.timedelta(days=1)

# Documents of a read: those that count and end near it. A refused one has not come.
_FOUND = """
    SELECT DISTINCT '867_03', esi_id FROM usage_document
    WHERE esi_id = ANY(%(esi_ids)s) AND end_date BETWEEN %(from)s AND %(to)s
      AND refusal = '' AND purpose <> 'cancel'
    UNION ALL
    SELECT DISTINCT '810_02', esi_id FROM invoice_document
    WHERE esi_id = ANY(%(esi_ids)s) AND end_date BETWEEN %(from)s AND %(to)s
      AND refusal = '' AND purpose <> 'cancel' AND NOT is_standalone
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingDocument:
    """An 867_03 or 810_02 that is not here although it was due."""

    kind: str
    esi_id: str
    tdsp_code: str
    read_date: dt.date
    due_at: dt.datetime

    @property
    def key(self) -> str:
        """The work item's key: one for each document, ESI ID and read."""
        return f"{self.kind} {self.esi_id} {self.read_date}"


@dataclass(frozen=True, slots=True)
class ExpectedReport:
    """What a look at the calendar found and did."""

    missing: Sequence[MissingDocument]
    come: int
    waiting: int


def find_expected(*, as_of: dt.datetime) -> ExpectedReport:
    """Opens a work item for each document that is late, and closes those of what has come.

    From the read calendar: every ESI ID that a customer of ours is served at on the day before a
    read. Corrections that wait too long for what they correct are told, too. Idempotent.
    """
    calendars = get_calendars()
    missing = list(_list_missing(as_of, calendars))
    asked = _asked(MISSING, [each.key for each in missing])
    new = [each for each in missing if each.key not in asked]
    money = find_last_charges(esi_ids=[each.esi_id for each in new]) if new else {}
    for each in new:
        _ask(each, money.get(each.esi_id), as_of)
    return ExpectedReport(
        missing=missing,
        come=_close_what_came({each.key for each in missing}, as_of),
        waiting=_tell_waiting(as_of, calendars),
    )


def _list_missing(as_of: dt.datetime, calendars: Calendars) -> Iterator[MissingDocument]:
    today = as_of.astimezone(MARKET_ZONE).date()
    reads = ReadDate.objects.select_related("tdsp").filter(
        read_date__lte=today, read_date__gt=today - looked_back()
    )
    for read in reads.order_by("read_date", "pk")[:ROWS_MAX]:
        code = read.tdsp.code
        due = {
            kind: document_due_at(
                kind=kind, read_date=read.read_date, calendars=calendars, tdsp_code=code
            )
            for kind in expected_kinds()
        }
        late = [kind for kind, due_at in due.items() if due_at < as_of]
        if not late:
            continue
        served = [
            esi_id
            for esi_id, tdsp in resolve(CustomerService).list_esi_ids(
                read_cycle=read.read_cycle, served_on=read.read_date - _DAY
            )
            if tdsp == code
        ]
        found = _found(served, read.read_date)
        for esi_id in served:
            for kind in late:
                if (kind, esi_id) not in found:
                    yield MissingDocument(
                        kind=kind,
                        esi_id=esi_id,
                        tdsp_code=code,
                        read_date=read.read_date,
                        due_at=due[kind],
                    )


def _found(esi_ids: Sequence[EsiId], read_date: dt.date) -> set[tuple[str, str]]:
    if not esi_ids:
        return set()
    with connection().cursor() as cursor:
        cursor.execute(
            _FOUND,
            {
                "esi_ids": list(esi_ids),
                "from": read_date - read_tolerance(),
                "to": read_date + read_tolerance(),
            },
        )
        return set(cursor.fetchall())


def _ask(missing: MissingDocument, last: tuple[Decimal, int] | None, as_of: dt.datetime) -> None:
    """What the last invoice came to is at risk: the customer is not billed for it either."""
    name = "usage" if missing.kind == "867_03" else "the TDSP's invoice"
    due = local_text(missing.due_at)
    open_work_item(
        kind=MISSING,
        key=missing.key,
        title=f"{missing.kind} of {missing.esi_id} for the read of {missing.read_date} is missing",
        text=(
            f"The meter was to be read on {missing.read_date}; {name} was due {due}. Without it "
            "the customer cannot be billed."
        ),
        send_via="MarkeTrak, Day-to-Day",
        text_to_send=(
            f"ESI ID: {missing.esi_id}\nExpected: {missing.kind} for the read of "
            f"{missing.read_date}, due {due}\nIt has not been received. Please send it."
        ),
        esi_id=missing.esi_id,
        tdsp_code=missing.tdsp_code,
        due_at=missing.due_at,
        money_at_risk_usd=last[0] if last else None,
        now=as_of,
    )


def _asked(kind: str, keys: Sequence[str]) -> set[str]:
    """Which of these a person was asked already, whatever became of it."""
    found = WorkItem.objects.filter(kind=kind, key__in=keys)
    return set(found.values_list("key", flat=True))


def _close_what_came(missing: set[str], as_of: dt.datetime) -> int:
    """Open items whose document is no longer missing; those too old to be looked at stay."""
    since = str(as_of.astimezone(MARKET_ZONE).date() - looked_back())
    still = WorkItem.objects.filter(kind=MISSING, state="open").values_list("key", flat=True)
    come = [key for key in still[:ROWS_MAX] if key not in missing and key[-10:] > since]
    for key in come:
        resolve_by_key(kind=MISSING, key=key, resolution="it has come", now=as_of)
    return len(come)


def _tell_waiting(as_of: dt.datetime, calendars: Calendars) -> int:
    waiting = ParkedSet.objects.filter(settled_at=None, kind__in=expected_kinds())
    rows = list(waiting.select_related("inbound_set").order_by("pk")[:ROWS_MAX])
    asked = _asked(WAITED_TOO_LONG, [f"set {row.pk}" for row in rows])
    told = 0
    for row in rows:
        key = f"set {row.pk}"
        expires_at = waiting_until(parked_at=row.parked_at, calendars=calendars)
        if expires_at >= as_of or key in asked:
            continue
        told += 1
        stored = row.inbound_set
        last = stored.outcomes.order_by("-number")[0]
        with transaction():
            open_work_item(
                kind=WAITED_TOO_LONG,
                key=key,
                title=f"{stored.kind} {stored.reference} of {stored.esi_id} finds no document",
                text=(
                    f"It {last.text} since {local_text(row.parked_at)}. Ask the TDSP for what is "
                    "missing, or lay the message aside."
                ),
                send_via="MarkeTrak",
                esi_id=stored.esi_id,
                inbound_set_id=row.pk,
                reference=stored.reference,
                due_at=expires_at,
                now=as_of,
            )
    return told

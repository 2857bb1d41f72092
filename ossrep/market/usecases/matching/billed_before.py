"""Charges that belong to no month, given to a period whose bill was made without them."""

from __future__ import annotations

import datetime as dt

from ossrep.infra.services import resolve
from ossrep.kernel.identifiers import EsiId
from ossrep.market.db import transaction
from ossrep.market.models import MatchedPeriod, StandaloneCharges, WorkItem
from ossrep.market.usecases.work_items import open_work_item, resolve_by_key
from ossrep.published.billing import BillingService, ServicePeriod

BILLED_BEFORE = "standalone_not_billed"
LOOKED_BACK = dt.timedelta(days=120)
CHARGES_MAX = 100_000


def ask_about_billed_before(*, as_of: dt.datetime) -> int:
    """Asks about charges whose period is billed by the tariff; how many there are.

    They came with usage and invoice that met after the bill, so that bill has them not, and they
    are never given a second time. Once the bill is made again from the TDSP's invoice the question
    is settled. Idempotent.
    """
    given = StandaloneCharges.objects.filter(assigned_at__gt=as_of - LOOKED_BACK)
    rows = list(given.select_related("invoice", "period").order_by("pk")[:CHARGES_MAX])
    period_of = {row.pk: _period(row.period) for row in rows if row.period is not None}
    by_tariff = (
        resolve(BillingService).find_billed_by_tariff(periods=set(period_of.values()))
        if period_of
        else frozenset()
    )
    missed = [row for row in rows if period_of.get(row.pk) in by_tariff]
    with transaction():
        for row in missed:
            _ask(row, as_of)
        keys = {_key(row) for row in missed}
        asked = WorkItem.objects.filter(kind=BILLED_BEFORE, state="open")
        for key in list(asked.values_list("key", flat=True)[:CHARGES_MAX]):
            if key not in keys:
                told = "its period is billed from the TDSP's invoice, or not at all"
                resolve_by_key(kind=BILLED_BEFORE, key=key, resolution=told, now=as_of)
    return len(missed)


def _period(period: MatchedPeriod) -> ServicePeriod:
    return ServicePeriod(EsiId(period.esi_id), period.start_date, period.end_date)


def _key(row: StandaloneCharges) -> str:
    return f"set {row.invoice.inbound_set_id}"


def _ask(row: StandaloneCharges, now: dt.datetime) -> None:
    invoice, period = row.invoice, row.period
    assert period is not None
    back = " (they are to be given back)" if row.negates_id is not None else ""
    told = [
        f"{line['code']} {line['label']}: {line['amount_usd']} USD"
        for line in invoice.lines
        if line["is_passed_on"]
    ]
    open_work_item(
        kind=BILLED_BEFORE,
        key=_key(row),
        title=f"Charges of invoice {invoice.reference} are not on the bill of {row.esi_id}",
        text="\n".join(told)
        + (
            f"{back}\nThey came with the charges of {period.start_date} to {period.end_date}, "
            "whose bill was made from the tariff before. No other bill takes them. Reverse that "
            "bill and let it be made again, or adjust the account."
        ),
        esi_id=row.esi_id,
        tdsp_code=row.tdsp_code,
        inbound_set_id=invoice.inbound_set_id,
        reference=invoice.reference,
        money_at_risk_usd=invoice.total_usd,
        now=now,
    )

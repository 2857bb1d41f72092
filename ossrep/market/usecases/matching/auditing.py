"""The TDSPs' invoices recomputed from the tariff; what differs becomes a claim."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ossrep.infra.services import resolve
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import TdspCode
from ossrep.kernel.periods import DatePeriod
from ossrep.market.db import connection, transaction
from ossrep.market.domain.invoice_audit import Amounts, Comparison, add_up, compare_charges
from ossrep.market.domain.matching_rules import (
    audit_total_codes,
    families_not_in_tariff,
    tariff_rate_class,
)
from ossrep.market.models import InvoiceAudit, InvoiceDocument, MatchedPeriod, TdspClaim
from ossrep.market.usecases.work_items import open_work_item, resolve_by_key
from ossrep.published.product import ProductService, Tariff
from ossrep.rating import (
    Delivery,
    Plan,
    RatedBlock,
    SiteFacts,
    UsageBlock,
    compile_plan,
    parse_tariff_rows,
    rate_block,
)

CLAIM = "tdsp_claim"
BATCH = 500
BATCHES_MAX = 10_000
RATCHET_DAYS = 335
"""The eleven months before a period, whose highest demand a ratchet looks at."""

Group = tuple[str, str, DatePeriod]
"""TDSP, rate class of our tariffs, period."""

_DELIVERY_ALONE = Plan(
    code="audit",
    name="Delivery alone",
    brand="",
    product_type="",
    customer_class="",
    term_months=0,
    early_termination_fee_usd=None,
    components=(Delivery(code="delivery", label="Delivery"),),
    efl=None,
)

_PRIOR_PEAKS = """
    SELECT asked.place, max(u.peak_kw)
    FROM unnest(%s::text[], %s::date[]) WITH ORDINALITY AS asked (esi_id, start_date, place)
    JOIN matched_period p ON p.esi_id = asked.esi_id
         AND p.end_date <= asked.start_date AND p.end_date > asked.start_date - %s
    JOIN usage_document u ON u.id = p.usage_id
    GROUP BY asked.place
"""


class ClaimNotOpen(DomainError):
    """No open claim is on this invoice, or no words say what became of it."""

    code = "claim_not_open"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """How many invoices were looked at, and what was found."""

    agree: int
    differ: int
    not_comparable: int


def audit_invoices(*, as_of: dt.datetime) -> AuditReport:
    """Looks at every matched invoice that was not looked at; idempotent.

    Without tariff rows for the class and the days an invoice is not comparable, and says so.
    """
    counts = {"agrees": 0, "differs": 0, "not_comparable": 0}
    for _ in range(BATCHES_MAX):
        with transaction():
            periods = _next_periods()
            for group, members in _grouped(periods).items():
                for verdict in _audit_group(group, members, as_of):
                    counts[verdict] += 1
        if not periods:
            break
    return AuditReport(counts["agrees"], counts["differs"], counts["not_comparable"])


def settle_claim(
    *, invoice_reference: str, granted: bool, resolution: str, by: str, now: dt.datetime
) -> None:
    """The TDSP has given way, or we have. Raises ClaimNotOpen."""
    with transaction():
        claims = TdspClaim.objects.select_for_update(of=("self",)).filter(
            state="open", invoice__reference=invoice_reference
        )
        claim = claims.first()
        if claim is None or not resolution.strip() or not by.strip():
            raise ClaimNotOpen("has no open claim, or words are missing", where=invoice_reference)
        claim.state = "granted" if granted else "withdrawn"
        claim.settled_at, claim.settled_by = now, by.strip()
        claim.resolution = resolution.strip()
        claim.save()
        resolve_by_key(
            kind=CLAIM,
            key=f"invoice {claim.invoice_id}",
            resolution=f"{claim.state}: {claim.resolution}",
            now=now,
        )


def _next_periods() -> Sequence[MatchedPeriod]:
    found = MatchedPeriod.objects.select_related("usage", "invoice").select_for_update(
        of=("self",), skip_locked=True
    )
    return list(found.filter(state="matched", invoice__audit__isnull=True).order_by("pk")[:BATCH])


def _grouped(periods: Sequence[MatchedPeriod]) -> Mapping[Group, list[MatchedPeriod]]:
    groups: dict[Group, list[MatchedPeriod]] = defaultdict(list)
    for row in periods:
        assert row.invoice is not None
        name = tariff_rate_class(tdsp_code=row.tdsp_code, rate_class=row.invoice.rate_class)
        groups[row.tdsp_code, name, DatePeriod(row.start_date, row.end_date)].append(row)
    return groups


def _audit_group(group: Group, members: Sequence[MatchedPeriod], now: dt.datetime) -> list[str]:
    tdsp_code, rate_class, period = group
    key = (TdspCode(tdsp_code), rate_class)
    tariff = resolve(ProductService).get_tariffs(keys=[key], period=period).get(key)
    reason, block = "", None
    if tariff is None:
        reason = f"no tariff of {tdsp_code} for class {rate_class!r} is loaded for {period}"
    else:
        try:
            block = _rate(tariff, period, members)
        except DomainError as error:
            reason = str(error)
    return [
        _audit_one(row, rate_class, _expected(block, place), reason, now)
        for place, row in enumerate(members)
    ]


def _rate(tariff: Tariff, period: DatePeriod, members: Sequence[MatchedPeriod]) -> RatedBlock:
    compiled = compile_plan(
        plan=_DELIVERY_ALONE, period=period, tariff_rows=parse_tariff_rows(tariff.rows)
    )
    usages = [row.usage for row in members]
    kwh = [usage.import_kwh if usage else None for usage in usages]
    peaks = [usage.peak_kw if usage else None for usage in usages]
    facts = SiteFacts.plain(len(members))
    return rate_block(
        compiled=compiled,
        usage=UsageBlock(
            period=period,
            register_import_wh=_thousands(kwh),
            register_peak_w=None if None in peaks else _thousands(peaks),
        ),
        facts=SiteFacts(
            prior_peak_w=_prior_peaks(members),
            bank_in_cents=facts.bank_in_cents,
            first_bill=facts.first_bill,
            final_bill=facts.final_bill,
        ),
    )


def _thousands(values: Sequence[Decimal | None]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([int((value or 0) * 1000) for value in values], dtype=np.int64)


def _prior_peaks(
    members: Sequence[MatchedPeriod],
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    peaks: list[Decimal | None] = [None] * len(members)
    with connection().cursor() as cursor:
        cursor.execute(
            _PRIOR_PEAKS,
            [
                [row.esi_id for row in members],
                [row.start_date for row in members],
                RATCHET_DAYS,
            ],
        )
        for place, peak in cursor.fetchall():
            peaks[place - 1] = peak
    return _thousands(peaks)


def _expected(block: RatedBlock | None, place: int) -> Amounts | None:
    """The tariff's amounts of a row by code; None where it could not be rated."""
    if block is None or place in block.refusals:
        return None
    cents = block.amount_cents[place]
    return add_up(
        (template.bucket or template.component, Decimal(int(amount)).scaleb(-2))
        for template, amount in zip(block.templates, cents, strict=True)
    )


def _audit_one(
    row: MatchedPeriod, rate_class: str, expected: Amounts | None, reason: str, now: dt.datetime
) -> str:
    invoice = row.invoice
    assert invoice is not None
    comparison = None if expected is None else _compare(invoice, expected)
    verdict = "not_comparable"
    if comparison is not None:
        verdict = "differs" if comparison.differences else "agrees"
    InvoiceAudit.objects.create(
        invoice=invoice,
        verdict=verdict,
        reason=reason or ("" if comparison else "its usage could not be rated"),
        rate_class=rate_class,
        not_in_tariff=list(comparison.not_in_tariff) if comparison else [],
        audited_at=now,
    )
    if comparison is not None and comparison.differences:
        _open_claim(row, invoice, comparison, now)
    return verdict


def _compare(invoice: InvoiceDocument, expected: Amounts) -> Comparison:
    return compare_charges(
        billed=add_up((line["code"], Decimal(line["amount_usd"])) for line in invoice.lines),
        expected=expected,
        total_codes=audit_total_codes(),
        not_in_tariff=families_not_in_tariff(),
    )


def _open_claim(
    row: MatchedPeriod, invoice: InvoiceDocument, comparison: Comparison, now: dt.datetime
) -> None:
    TdspClaim.objects.create(
        invoice=invoice,
        tdsp_code=row.tdsp_code,
        esi_id=row.esi_id,
        difference_usd=comparison.amount_usd,
        lines=[
            {
                "code": each.code,
                "billed_usd": str(each.billed_usd),
                "expected_usd": str(each.expected_usd),
            }
            for each in comparison.differences
        ],
        opened_at=now,
    )
    told = "\n".join(
        f"{each.code}: billed {each.billed_usd}, by the tariff {each.expected_usd}"
        for each in comparison.differences
    )
    open_work_item(
        kind=CLAIM,
        key=f"invoice {invoice.pk}",
        title=f"Invoice {invoice.reference} differs from the tariff by {comparison.amount_usd} USD",
        text=(
            f"{told}\nCheck our tariff rows first. Then refuse it with an 824 within five Retail "
            f"Business Days of receipt (market send-824 {invoice.reference} --code TRC --text "
            "WHY), or dispute it by MarkeTrak after that."
        ),
        send_via="MarkeTrak, Day-to-Day, Billing and Usage",
        text_to_send=(
            f"ESI ID: {row.esi_id}\nInvoice: {invoice.reference}\nService period: "
            f"{row.start_date} to {row.end_date}\n{told}\nPlease correct the invoice."
        ),
        esi_id=row.esi_id,
        tdsp_code=row.tdsp_code,
        inbound_set_id=invoice.inbound_set_id,
        reference=invoice.reference,
        money_at_risk_usd=abs(comparison.amount_usd),
        now=now,
    )

"""Rates a billed site again with what is known today, to compare it with what was stored."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ossrep.billing.models import Charge, DeliverySource, UsageSource
from ossrep.billing.queries.invoices import StoredInvoice
from ossrep.billing.usecases.catalog import Catalog, RatingKey
from ossrep.billing.usecases.writing.charges import DIGEST_BYTES
from ossrep.infra.services import resolve
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import EsiId, PlanVersionId, TdspCode
from ossrep.kernel.money import cents
from ossrep.kernel.periods import DatePeriod
from ossrep.published.market import DeliveryChargeRequest, MarketService
from ossrep.published.meter import IntervalUsage, MeterService, UsageRequest
from ossrep.rating import (
    CompiledPlan,
    DeliveryCharge,
    RatedBlock,
    SiteFacts,
    UsageBlock,
    rate_block,
    with_received_delivery,
)

_WATTS = 1000


class CannotRateAgain(DomainError):
    """What a bill was made of is not there any more."""

    code = "cannot_rate_again"


@dataclass(frozen=True, slots=True)
class RatedAgain:
    """A site computed again with what is known today."""

    compiled: CompiledPlan
    block: RatedBlock
    usage: IntervalUsage

    def usage_digest(self) -> bytes:
        """Of the intervals known now, as the bill took it of those it used."""
        hashed = hashlib.sha256(self.usage.import_wh.data)
        if self.usage.has_export[0]:
            hashed.update(self.usage.export_wh.data)
        return hashed.digest()[:DIGEST_BYTES]


def rate_again(
    *, stored: StoredInvoice, charge: Charge, catalog: Catalog
) -> RatedAgain | DomainError:
    """The site rated again, or why it cannot be; bank, peak and one-offs are those of the bill."""
    try:
        received = charge.delivery_source == DeliverySource.TDSP_INVOICE
        plan = charge.printed_part.content
        compiled = catalog.compiled(
            RatingKey(
                plan_version_id=PlanVersionId(charge.plan_version_id),
                tdsp_code=TdspCode(plan["tdsp"]),
                rate_class=plan["rate_class"],
                start=charge.period_start,
                end=charge.period_end,
                is_received=received,
            )
        )
        usage = resolve(MeterService).get_interval_usage(
            request=UsageRequest(
                esi_ids=[EsiId(charge.esi_id)],
                starts=[charge.period_start],
                ends=[charge.period_end],
            )
        )
        block = rate_block(
            compiled=compiled,
            usage=_usage_block(charge, usage),
            facts=_facts(stored, charge),
            prices=catalog.prices(compiled),
        )
        if received:
            charges = _received(charge)
            block = with_received_delivery(compiled=compiled, block=block, charges=[charges])
        for refusal in block.refusals.values():
            return CannotRateAgain(f"{refusal.code}: {refusal.message}")
    except DomainError as error:
        return error
    return RatedAgain(compiled, block, usage)


def _usage_block(charge: Charge, usage: IntervalUsage) -> UsageBlock:
    """The channel that was billed: intervals, or the market's register."""
    period = DatePeriod(charge.period_start, charge.period_end)
    if charge.usage_source == UsageSource.INTERVALS:
        has_export = bool(usage.has_export[0])
        return UsageBlock(
            period=period,
            import_wh=usage.import_wh.reshape(1, -1),
            export_wh=usage.export_wh.reshape(1, -1) if has_export else None,
        )
    if usage.register_import_wh[0] < 0:
        raise CannotRateAgain("the register usage that was billed is not there any more")
    return UsageBlock(
        period=period,
        register_import_wh=usage.register_import_wh,
        register_export_wh=np.maximum(usage.register_export_wh, 0),
        register_peak_w=usage.register_peak_w,
    )


def _facts(stored: StoredInvoice, charge: Charge) -> SiteFacts:
    """Bank, earlier peak and one-offs as the bill had them: its own rows tell."""
    lines = [line for line in stored.lines if line.site_no == charge.site_no]
    recipes = [line.recipe for line in lines if line.recipe is not None]
    peaks = [Fraction(recipe["prior_peak_kw"]) for recipe in recipes if "prior_peak_kw" in recipe]
    on = {line.template.recipe.get("on") for line in lines}
    return SiteFacts(
        prior_peak_w=np.array([int(max(peaks, default=Fraction(0)) * _WATTS)], dtype=np.int64),
        bank_in_cents=np.array([cents(charge.bank_in_usd)], dtype=np.int64),
        first_bill=np.array(["first_bill" in on]),
        final_bill=np.array(["final_bill" in on]),
    )


def _received(charge: Charge) -> Sequence[DeliveryCharge]:
    request = DeliveryChargeRequest(EsiId(charge.esi_id), charge.period_start, charge.period_end)
    (found,) = resolve(MarketService).get_delivery_charges(requests=[request])
    if found is None:
        raise CannotRateAgain("the TDSP's invoice that was passed through is not there any more")
    return [
        DeliveryCharge(code=c.code, label=c.label, amount_cents=cents(c.amount_usd)) for c in found
    ]

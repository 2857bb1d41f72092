"""Rating a block: quantities, amounts, buyback credits, and what was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ossrep.rating.buyback import settle, without_buyback
from ossrep.rating.compiled import (
    CompiledBuyback,
    CompiledEarning,
    CompiledLine,
    CompiledPlan,
    MarketPrice,
)
from ossrep.rating.exact import ExactColumn, rounded_cents
from ossrep.rating.explain import (
    BankDetail,
    DemandDetail,
    EarningDetail,
    LineDetail,
    ProductDetail,
)
from ossrep.rating.intervals import sum_times_price
from ossrep.rating.lines import BankColumns, LineTemplate, RatedBlock, Refusal, cleared
from ossrep.rating.market_prices import MissingPrice, price_columns
from ossrep.rating.measuring import measure
from ossrep.rating.rules import BillingDemand, Measures
from ossrep.rating.sheet import Sheet
from ossrep.rating.usage import CENTS_MAX, PriceSeries, SiteFacts, UsageBlock

NO_PRICES: Mapping[str, PriceSeries] = MappingProxyType({})


def rate_block(
    *,
    compiled: CompiledPlan,
    usage: UsageBlock,
    facts: SiteFacts,
    prices: Mapping[str, PriceSeries] = NO_PRICES,
) -> RatedBlock:
    """Rates ``n`` service points of one period on one compiled plan, exactly.

    Each line is rounded once, half-up to the cent, ties away from zero. A row that cannot be
    rated stands in ``refusals`` and stops no other; a missing market price refuses all rows.
    Raises InvalidUsage where shapes, types or periods do not fit.
    """
    measures, peak_w, refusals = measure(compiled, usage, facts)
    market, missing = _market_columns(compiled, prices)
    if missing is not None:
        refusals = dict.fromkeys(range(usage.rows), missing) | refusals
    templates = compiled.templates
    sheet = Sheet(usage.rows, len(templates))
    desk = _Desk(usage, measures, market, sheet)
    buyback: tuple[int, CompiledBuyback] | None = None
    line = 0
    for part in compiled.parts:
        if isinstance(part, CompiledBuyback):
            buyback = (line, part)
            line += len(part.templates)
        else:
            desk.write(line, part)
            line += 1
    bank_in = np.where(facts.bank_in_cents > CENTS_MAX, 0, np.maximum(facts.bank_in_cents, 0))
    bank = without_buyback(bank_in)
    if buyback is not None:
        energy = [number for number, template in enumerate(templates) if template.energy]
        energy_cents = sheet.amounts[energy].sum(axis=0)
        bank = desk.write_buyback(*buyback, energy_cents, bank_in)
    for row in sorted(sheet.too_large):
        refusals.setdefault(row, Refusal("amount_too_large", "a line passes 10**15 cents"))
    return _block(templates, sheet, bank, measures, peak_w, refusals)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the lines of a block are computed from, and the sheet they are written to."""

    usage: UsageBlock
    measures: Measures
    market: Mapping[MarketPrice, NDArray[np.int64]]
    sheet: Sheet

    def write(self, line: int, part: CompiledLine) -> None:
        """One line of quantity x rate, or of a market sum."""
        quantity = part.rule.quantity(self.measures)
        base = ExactColumn(quantity)
        if part.market is not None:
            base = self._market_sum(self.usage.import_wh, part.market, self.measures.import_wh)
        detail: LineDetail = ProductDetail(base, part.usd)
        if isinstance(part.rule, BillingDemand) and self.measures.measured_w is not None:
            detail = DemandDetail(
                base=base,
                usd=part.usd,
                rule=part.rule,
                measured_w=self.measures.measured_w,
                prior_peak_w=self.measures.prior_peak_w,
                billing_units=part.rule.billing_units(self.measures),
            )
        self.sheet.put(
            line,
            quantity=quantity,
            cents=self.sheet.cents(rounded_cents(base, part.cents_per_unit)),
            present=quantity != 0,
            detail=detail,
        )

    def write_buyback(
        self,
        line: int,
        buyback: CompiledBuyback,
        energy_cents: NDArray[np.int64],
        bank_in: NDArray[np.int64],
    ) -> BankColumns:
        """The credit and the charge of each earning, then what is used of the bank."""
        quantities = [earning.rule.quantity(self.measures) for earning in buyback.earnings]
        bases = [
            self._earning_base(earning, quantity)
            for earning, quantity in zip(buyback.earnings, quantities, strict=True)
        ]
        earned = [
            self.sheet.cents(rounded_cents(base, earning.cents_per_unit))
            for earning, base in zip(buyback.earnings, bases, strict=True)
        ]
        settled = settle(
            buyback=buyback, earned_cents=earned, energy_cents=energy_cents, bank_in_cents=bank_in
        )
        for number, earning in enumerate(buyback.earnings):
            detail = EarningDetail(
                base=bases[number],
                usd=earning.usd,
                earned_cents=earned[number],
                applied_cents=settled.applied_cents[number],
                limit_cents=energy_cents,
            )
            exported, charged = quantities[number] != 0, earned[number] < 0
            self.sheet.put(
                line + 2 * number,
                quantity=np.where(charged, 0, quantities[number]),
                cents=-settled.applied_cents[number],
                present=exported & ~charged,
                detail=detail,
            )
            self.sheet.put(
                line + 2 * number + 1,
                quantity=np.where(charged, quantities[number], 0),
                cents=np.maximum(-earned[number], 0),
                present=exported & charged,
                detail=detail,
            )
        bank = settled.bank
        used = bank.used_cents
        self.sheet.put(
            line + 2 * len(buyback.earnings),
            quantity=(used != 0).astype(np.int64),
            cents=-used,
            present=used != 0,
            detail=BankDetail(bank.in_cents, used, bank.out_cents, bank.lost_cents),
        )
        return bank

    def _earning_base(self, earning: CompiledEarning, quantity: NDArray[np.int64]) -> ExactColumn:
        if earning.market is None:
            return ExactColumn(quantity)
        return self._market_sum(self.usage.export_wh, earning.market, quantity)

    def _market_sum(
        self,
        wh: NDArray[np.int32] | None,
        market: MarketPrice,
        total_wh: NDArray[np.int64],
    ) -> ExactColumn:
        """Zero where no intervals or no prices are known: those rows are refused or have no kWh."""
        price_e8 = self.market.get(market)
        if wh is None or price_e8 is None:
            return ExactColumn(np.zeros_like(total_wh))
        return sum_times_price(wh, price_e8, total_wh)


def _market_columns(
    compiled: CompiledPlan, prices: Mapping[str, PriceSeries]
) -> tuple[dict[MarketPrice, NDArray[np.int64]], Refusal | None]:
    columns: dict[MarketPrice, NDArray[np.int64]] = {}
    for market in compiled.market_prices:
        try:
            columns[market] = price_columns(market, prices, compiled.period)
        except MissingPrice as missing:
            return {}, Refusal(missing.code, missing.message)
    return columns, None


def _block(
    templates: tuple[LineTemplate, ...],
    sheet: Sheet,
    bank: BankColumns,
    measures: Measures,
    peak_w: NDArray[np.int64],
    refusals: dict[int, Refusal],
) -> RatedBlock:
    rows = sorted(refusals)
    sheet.clear(rows)
    columns = {
        "import_wh": measures.import_wh,
        "export_wh": measures.export_wh,
        "peak_w": peak_w,
    }
    if rows:
        columns = {name: cleared(column, rows) for name, column in columns.items()}
        bank = bank.cleared(rows)
    return RatedBlock(
        templates=templates,
        amount_cents=sheet.amounts.T,
        quantity=sheet.quantities.T,
        present=sheet.present.T,
        bank=bank,
        refusals={row: refusals[row] for row in rows},
        details=tuple(sheet.details),
        **columns,
    )

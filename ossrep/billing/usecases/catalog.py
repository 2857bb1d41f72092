"""What a worker keeps between chunks: plans, compiled plans, tariffs, prices, brands, TDSPs."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from ossrep.infra.services import resolve
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import BrandId, PlanVersionId, TdspCode
from ossrep.kernel.periods import DatePeriod
from ossrep.published.market import MarketService, Tdsp
from ossrep.published.product import Brand, PlanVersion, ProductService
from ossrep.rating import (
    CompiledPlan,
    Delivery,
    Plan,
    PriceSeries,
    TariffRow,
    compile_plan,
    parse_plan,
    parse_tariff_rows,
)

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

PLANS_MAX = 2_000
COMPILED_MAX = 2_000
TARIFFS_MAX = 2_000
PRICES_MAX = 200


class UnknownPlanVersion(DomainError):
    """A contract names a plan version that product does not know as published or retired."""

    code = "unknown_plan_version"


class UnknownBrand(DomainError):
    """An account names a brand that product does not know."""

    code = "unknown_brand"


@dataclass(frozen=True, slots=True)
class RatingKey:
    """What sites share that are rated in one block."""

    plan_version_id: PlanVersionId
    tdsp_code: TdspCode
    rate_class: str
    start: dt.date
    end: dt.date
    is_received: bool


class _Kept(Generic[Key, Value]):
    """The newest ``limit`` answers of a function; errors are not kept."""

    def __init__(self, make: Callable[[Key], Value], limit: int) -> None:
        self._make = make
        self._limit = limit
        self._values: OrderedDict[Key, Value] = OrderedDict()

    def get(self, key: Key) -> Value:
        if key in self._values:
            self._values.move_to_end(key)
            return self._values[key]
        value = self._values[key] = self._make(key)
        if len(self._values) > self._limit:
            self._values.popitem(last=False)
        return value


class Catalog:
    """Reference data of other contexts, asked once; versions are immutable, tariffs per period.

    Lives as long as one worker's run, so that a new run sees new tariffs.
    """

    def __init__(self) -> None:
        self._versions: dict[PlanVersionId, PlanVersion] = {}
        self._plans = _Kept(self._parse, PLANS_MAX)
        self._passing = _Kept(self._passes_through, PLANS_MAX)
        self._compiled = _Kept(self._compile, COMPILED_MAX)
        self._tariffs = _Kept(self._load_tariff, TARIFFS_MAX)
        self._prices = _Kept(self._load_prices, PRICES_MAX)
        self._brands: dict[BrandId, Brand] = {}
        self._tdsps: dict[TdspCode, Tdsp] = {}

    def plan_version(self, plan_version_id: PlanVersionId) -> PlanVersion:
        """A published or retired version. Raises UnknownPlanVersion."""
        if plan_version_id not in self._versions:
            self.preload(plan_version_ids=[plan_version_id], brand_ids=[])
        if plan_version_id not in self._versions:
            raise UnknownPlanVersion(
                "product knows no published version with this id",
                where=f"plan version {plan_version_id}",
            )
        return self._versions[plan_version_id]

    def plan(self, plan_version_id: PlanVersionId) -> Plan:
        """A version's plan, parsed. Raises UnknownPlanVersion, InvalidPlan."""
        return self._plans.get(plan_version_id)

    def passes_delivery_through(self, plan_version_id: PlanVersionId) -> bool:
        """True where the plan has a delivery component."""
        return self._passing.get(plan_version_id)

    def compiled(self, key: RatingKey) -> CompiledPlan:
        """The plan made ready for one period and tariff. Raises MissingTariff and the above."""
        return self._compiled.get(key)

    def prices(self, compiled: CompiledPlan) -> Mapping[str, PriceSeries]:
        """The market prices a compiled plan needs; days that are not known are left out."""
        series = {price.series for price in compiled.market_prices}
        return {name: self._prices.get((name, compiled.period)) for name in sorted(series)}

    def preload(
        self, *, plan_version_ids: Collection[PlanVersionId], brand_ids: Collection[BrandId]
    ) -> None:
        """Asks for all that is not known yet in one call each; unknown ids are left out."""
        product = resolve(ProductService)
        wanted = set(plan_version_ids) - self._versions.keys()
        if wanted:
            self._versions.update(product.get_plan_versions(plan_version_ids=wanted))
        brands = set(brand_ids) - self._brands.keys()
        if brands:
            self._brands.update(product.get_brands(brand_ids=brands))

    def brand(self, brand_id: BrandId) -> Brand:
        """A brand. Raises UnknownBrand."""
        if brand_id not in self._brands:
            raise UnknownBrand("product knows no such brand", where=f"brand {brand_id}")
        return self._brands[brand_id]

    def tdsp(self, code: TdspCode) -> Tdsp:
        """A TDSP; one that market does not know is printed by its code."""
        if not self._tdsps:
            self._tdsps = {tdsp.code: tdsp for tdsp in resolve(MarketService).list_tdsps()}
        return self._tdsps.get(code, Tdsp(code=code, name=code, duns="", outage_phone=""))

    def _parse(self, plan_version_id: PlanVersionId) -> Plan:
        return parse_plan(document=self.plan_version(plan_version_id).document)

    def _passes_through(self, plan_version_id: PlanVersionId) -> bool:
        return any(isinstance(c, Delivery) for c in self.plan(plan_version_id).components)

    def _compile(self, key: RatingKey) -> CompiledPlan:
        period = DatePeriod(key.start, key.end)
        rows: tuple[TariffRow, ...] = ()
        if not key.is_received:
            rows = self._tariffs.get((key.tdsp_code, key.rate_class, period))
        return compile_plan(
            plan=self.plan(key.plan_version_id),
            period=period,
            tariff_rows=rows,
            received_delivery=key.is_received,
        )

    def _load_tariff(self, key: tuple[TdspCode, str, DatePeriod]) -> tuple[TariffRow, ...]:
        tdsp_code, rate_class, period = key
        found = resolve(ProductService).get_tariffs(keys=[(tdsp_code, rate_class)], period=period)
        tariff = found.get((tdsp_code, rate_class))
        return parse_tariff_rows(tariff.rows) if tariff else ()

    def _load_prices(self, key: tuple[str, DatePeriod]) -> PriceSeries:
        series, period = key
        found = resolve(ProductService).get_prices(series=[series], period=period).get(series)
        if found is None:
            return PriceSeries(days={})
        days = zip(period.dates(), found.days, strict=True)
        return PriceSeries(days={date: values for date, values in days if values is not None})

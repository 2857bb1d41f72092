"""The only door of context ``product`` for other contexts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

from ossrep.kernel.identifiers import BrandId, PlanVersionId, TdspCode
from ossrep.kernel.periods import DatePeriod
from ossrep.product.queries import (
    brands,
    plan_summaries,
    plan_versions,
    prices,
    shipped_tariffs,
    tariffs,
)
from ossrep.published.product import Brand, PlanSummary, PlanVersion, PriceDays, Tariff


class ProductService:
    """Implements ``ossrep.published.product.ProductService``; every call is one query at most."""

    context: ClassVar[str] = "product"

    def get_brands(self, *, brand_ids: Collection[BrandId]) -> Mapping[BrandId, Brand]:
        return brands.get_brands(brand_ids=brand_ids)

    def find_brand_ids(self, *, codes: Collection[str]) -> Mapping[str, BrandId]:
        return brands.find_brand_ids(codes=codes)

    def get_plan_versions(
        self, *, plan_version_ids: Collection[PlanVersionId]
    ) -> Mapping[PlanVersionId, PlanVersion]:
        return plan_versions.get_plan_versions(plan_version_ids=plan_version_ids)

    def get_plan_summaries(
        self, *, plan_version_ids: Collection[PlanVersionId]
    ) -> Mapping[PlanVersionId, PlanSummary]:
        return plan_summaries.get_plan_summaries(plan_version_ids=plan_version_ids)

    def find_plan_version_ids(
        self, *, plans: Collection[tuple[str, int | None]]
    ) -> Mapping[tuple[str, int | None], PlanVersionId]:
        return plan_versions.find_plan_version_ids(plans=plans)

    def get_tariffs(
        self, *, keys: Collection[tuple[TdspCode, str]], period: DatePeriod
    ) -> Mapping[tuple[TdspCode, str], Tariff]:
        return tariffs.get_tariffs(keys=keys, period=period)

    def get_shipped_tariffs(
        self, *, keys: Collection[tuple[TdspCode, str]], period: DatePeriod
    ) -> Mapping[tuple[TdspCode, str], Tariff]:
        return shipped_tariffs.get_shipped_tariffs(keys=keys, period=period)

    def get_prices(self, *, series: Collection[str], period: DatePeriod) -> Mapping[str, PriceDays]:
        return prices.get_prices(series=series, period=period)

"""What context ``product`` publishes: brands, plan versions, tariffs, market prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.identifiers import BrandId, PlanVersionId, TdspCode
from ossrep.kernel.periods import DatePeriod


@dataclass(frozen=True, slots=True)
class Brand:
    """Who sells: what documents print of the legal entity."""

    brand_id: BrandId
    code: str
    legal_name: str
    display_name: str
    certificate_number: str
    duns: str
    address_lines: tuple[str, ...]
    billing_phone: str
    billing_hours: str
    outage_phones: Mapping[str, str]
    email: str
    website: str


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """A published plan version; ``document`` stands alone, shared calendars resolved into it."""

    plan_version_id: PlanVersionId
    plan_code: str
    version: int
    name: str
    brand_id: BrandId
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tariff:
    """Rows of one TDSP and rate class that are in force somewhere in a period.

    Each row is the tariff row of ``docs/formats/quote.md``: code, label, unit, rate_usd, from, to,
    proration, ratchet_percent, round_kw_decimals, taxes.
    """

    tdsp_code: TdspCode
    rate_class: str
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class PriceDays:
    """A market price series over a period: for each local day int32 of 0.01 $/MWh.

    A day's array has 92/96/100 values, or one for a daily index; None where the day is missing.
    """

    series: str
    start: dt.date
    days: tuple[NDArray[np.int32] | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSummary:
    """What a list shows of a plan version: docs/api/portal-fields.md says what the numbers are.

    ``rate_usd_per_kwh`` is without delivery and taxes; ``base_charge_usd`` that of 30 days;
    ``term_months`` 0 is month to month; ``product_type`` is fixed, variable or indexed.
    """

    plan_version_id: PlanVersionId
    plan_code: str
    name: str
    product_type: str
    term_months: int
    early_termination_fee_usd: Decimal
    rate_usd_per_kwh: Decimal
    base_charge_usd: Decimal
    features: tuple[str, ...]


class ProductService(Protocol):
    """The only door to context ``product``."""

    context: ClassVar[str] = "product"

    def get_brands(self, *, brand_ids: Collection[BrandId]) -> Mapping[BrandId, Brand]:
        """Brands by id."""
        ...

    def find_brand_ids(self, *, codes: Collection[str]) -> Mapping[str, BrandId]:
        """Brand code to id; unknown codes are left out."""
        ...

    def get_plan_versions(
        self, *, plan_version_ids: Collection[PlanVersionId]
    ) -> Mapping[PlanVersionId, PlanVersion]:
        """Published or retired versions by id."""
        ...

    def get_plan_summaries(
        self, *, plan_version_ids: Collection[PlanVersionId]
    ) -> Mapping[PlanVersionId, PlanSummary]:
        """Published or retired versions by id, in short; one query."""
        ...

    def find_plan_version_ids(
        self, *, plans: Collection[tuple[str, int | None]]
    ) -> Mapping[tuple[str, int | None], PlanVersionId]:
        """(plan code, version or None for the newest published) to id; unknown ones left out."""
        ...

    def get_tariffs(
        self, *, keys: Collection[tuple[TdspCode, str]], period: DatePeriod
    ) -> Mapping[tuple[TdspCode, str], Tariff]:
        """Delivery tariffs by (TDSP, rate class); a key without any row is left out.

        A charge whose rate is 0 on every day of the period is not levied and left out, too.
        """
        ...

    def get_shipped_tariffs(
        self, *, keys: Collection[tuple[TdspCode, str]], period: DatePeriod
    ) -> Mapping[tuple[TdspCode, str], Tariff]:
        """The same from the tariff files that come with the product; needs no database."""
        ...

    def get_prices(self, *, series: Collection[str], period: DatePeriod) -> Mapping[str, PriceDays]:
        """Market prices of each series for the days of a period."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVersionPublished:
    """A plan version can be sold and billed from now on."""

    event_type: ClassVar[str] = "product.plan-version-published.v1"
    aggregate_type: ClassVar[str] = "plan"

    plan_version_id: int
    plan_code: str
    version: int
    name: str
    brand_code: str

    @property
    def aggregate_id(self) -> str:
        return self.plan_code


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVersionRetired:
    """A plan version is no longer sold; contracts on it go on."""

    event_type: ClassVar[str] = "product.plan-version-retired.v1"
    aggregate_type: ClassVar[str] = "plan"

    plan_version_id: int
    plan_code: str
    version: int

    @property
    def aggregate_id(self) -> str:
        return self.plan_code

"""Context ``product`` in memory: implements its published Protocol for other contexts' tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np

from ossrep.kernel.identifiers import BrandId, PlanVersionId, TdspCode
from ossrep.kernel.periods import DatePeriod
from ossrep.published.product import Brand, PlanSummary, PlanVersion, PriceDays, Tariff


@dataclass
class FakeProductService:
    """Answers from what a test put in by the ``add_`` methods; ids are given from 1 on."""

    context: ClassVar[str] = "product"

    brands: dict[BrandId, Brand] = field(default_factory=dict)
    versions: dict[PlanVersionId, PlanVersion] = field(default_factory=dict)
    tariff_rows: dict[tuple[TdspCode, str], list[Mapping[str, Any]]] = field(default_factory=dict)
    prices: dict[str, dict[dt.date, Sequence[int]]] = field(default_factory=dict)

    def add_brand(
        self, *, code: str = "LONESTAR", legal_name: str = "Lone Star Retail LLC"
    ) -> Brand:
        brand = Brand(
            brand_id=BrandId(len(self.brands) + 1),
            code=code,
            legal_name=legal_name,
            display_name=legal_name.removesuffix(" LLC"),
            certificate_number="10999",
            duns="999999999",
            address_lines=("100 Main Street", "Dallas, TX 75201"),
            billing_phone="1-800-555-0100",
            billing_hours="Monday to Friday 8 am to 6 pm",
            outage_phones={"ONCOR_ELEC": "1-800-555-0199"},
            email="care@example.com",
            website="https://example.com",
        )
        self.brands[brand.brand_id] = brand
        return brand

    def add_plan(self, *, document: Mapping[str, Any], brand: Brand) -> PlanVersion:
        """A published version of the document's plan, numbered after the last of its code."""
        code = str(document["plan"])
        number = 1 + max(
            (v.version for v in self.versions.values() if v.plan_code == code), default=0
        )
        version = PlanVersion(
            plan_version_id=PlanVersionId(len(self.versions) + 1),
            plan_code=code,
            version=number,
            name=str(document["name"]),
            brand_id=brand.brand_id,
            document=document,
        )
        self.versions[version.plan_version_id] = version
        return version

    def add_tariff(self, *, tdsp: str, rate_class: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows as in ``docs/formats/quote.md``; ``from`` and ``to`` are dates or ISO texts."""
        self.tariff_rows.setdefault((TdspCode(tdsp), rate_class), []).extend(rows)

    def add_prices(self, *, series: str, date: dt.date, values: Sequence[int]) -> None:
        """One local day of a series: 92/96/100 values of 0.01 $/MWh, or one."""
        self.prices.setdefault(series, {})[date] = values

    def get_brands(self, *, brand_ids: Collection[BrandId]) -> Mapping[BrandId, Brand]:
        return {b: self.brands[b] for b in brand_ids if b in self.brands}

    def find_brand_ids(self, *, codes: Collection[str]) -> Mapping[str, BrandId]:
        return {b.code: b.brand_id for b in self.brands.values() if b.code in set(codes)}

    def get_plan_versions(
        self, *, plan_version_ids: Collection[PlanVersionId]
    ) -> Mapping[PlanVersionId, PlanVersion]:
        return {v: self.versions[v] for v in plan_version_ids if v in self.versions}

    def get_plan_summaries(
        self, *, plan_version_ids: Collection[PlanVersionId]
    ) -> Mapping[PlanVersionId, PlanSummary]:
        return {v: _summary(self.versions[v]) for v in plan_version_ids if v in self.versions}

    def find_plan_version_ids(
        self, *, plans: Collection[tuple[str, int | None]]
    ) -> Mapping[tuple[str, int | None], PlanVersionId]:
        found: dict[tuple[str, int | None], PlanVersionId] = {}
        for version in sorted(self.versions.values(), key=lambda v: v.version):
            for key in ((version.plan_code, version.version), (version.plan_code, None)):
                if key in plans:
                    found[key] = version.plan_version_id
        return found

    def get_tariffs(
        self, *, keys: Collection[tuple[TdspCode, str]], period: DatePeriod
    ) -> Mapping[tuple[TdspCode, str], Tariff]:
        found: dict[tuple[TdspCode, str], Tariff] = {}
        for key in keys:
            in_force = [r for r in self.tariff_rows.get(key, []) if _is_in_force(r, period)]
            levied = {r["code"] for r in in_force if Decimal(r["rate_usd"])}
            rows = tuple(r for r in in_force if r["code"] in levied)
            if rows:
                found[key] = Tariff(tdsp_code=key[0], rate_class=key[1], rows=rows)
        return found

    def get_prices(self, *, series: Collection[str], period: DatePeriod) -> Mapping[str, PriceDays]:
        return {
            name: PriceDays(
                series=name,
                start=period.start,
                days=tuple(
                    np.array(days[date], dtype=np.int32) if date in days else None
                    for date in period.dates()
                ),
            )
            for name in series
            for days in [self.prices.get(name, {})]
        }


def _summary(version: PlanVersion) -> PlanSummary:
    document = version.document
    return PlanSummary(
        plan_version_id=version.plan_version_id,
        plan_code=version.plan_code,
        name=version.name,
        product_type=document.get("product_type", "fixed"),
        term_months=int(document["term_months"]),
        early_termination_fee_usd=Decimal(document.get("early_termination_fee_usd", "0")),
        rate_usd_per_kwh=Decimal(document.get("rate_usd_per_kwh", "0.12")),
        base_charge_usd=Decimal(0),
        features=(),
    )


def _is_in_force(row: Mapping[str, Any], period: DatePeriod) -> bool:
    start, end = _date(row["from"]), _date(row.get("to"))
    return start is not None and start < period.end and (end is None or end > period.start)


def _date(value: object) -> dt.date | None:
    return (
        value if value is None or isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
    )

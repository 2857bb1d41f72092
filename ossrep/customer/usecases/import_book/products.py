"""Brand and plan codes of a book, asked of context ``product`` once each."""

from __future__ import annotations

from collections.abc import Collection

from ossrep.customer.db import rows
from ossrep.infra.services import resolve
from ossrep.kernel.identifiers import BrandId, PlanVersionId
from ossrep.published.product import ProductService

PlanKey = tuple[str, int | None]


class Products:
    """Remembers for one import what the product context answered, known and unknown alike."""

    def __init__(self) -> None:
        self._service = resolve(ProductService)
        self._brands: dict[str, BrandId | None] = {}
        self._versions: dict[PlanKey, PlanVersionId | None] = {}
        self._plans: dict[int, tuple[str, BrandId]] = {}

    def brand_id(self, code: str) -> BrandId | None:
        """The brand of a code, or None."""
        if code not in self._brands:
            self._brands[code] = self._service.find_brand_ids(codes=[code]).get(code)
        return self._brands[code]

    def plan_version_id(self, code: str, version: int | None) -> PlanVersionId | None:
        """The version (None: the newest published) of a plan, or None."""
        key = (code, version)
        if key not in self._versions:
            found = self._service.find_plan_version_ids(plans=[key]).get(key)
            self._versions[key] = found
            if found is not None:
                self._learn([found])
        return self._versions[key]

    def brand_of(self, plan_version_id: int) -> BrandId | None:
        """Whose plan it is; None for an unknown version."""
        self._learn([plan_version_id])
        return self._plans[plan_version_id][1] if plan_version_id in self._plans else None

    def kept_versions(self, contract_numbers: Collection[str]) -> dict[tuple[str, str], int]:
        """(contract number, plan code) to the plan version that the contract has already.

        One query for the contracts and one call for the plans not asked of before.
        """
        found = rows(
            "SELECT number, plan_version_id FROM contract WHERE number = ANY(%s)",
            [list(contract_numbers)],
        )
        self._learn([version_id for _, version_id in found])
        return {
            (number, self._plans[version_id][0]): version_id
            for number, version_id in found
            if version_id in self._plans
        }

    def _learn(self, plan_version_ids: Collection[int]) -> None:
        unknown = {PlanVersionId(i) for i in plan_version_ids if i not in self._plans}
        if unknown:
            for version in self._service.get_plan_versions(plan_version_ids=unknown).values():
                self._plans[version.plan_version_id] = (version.plan_code, version.brand_id)

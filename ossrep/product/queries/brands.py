"""Brands by id and by code."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ossrep.kernel.identifiers import BrandId
from ossrep.product import models
from ossrep.published.product import Brand


def get_brands(*, brand_ids: Collection[BrandId]) -> Mapping[BrandId, Brand]:
    """Brands by id, one query; unknown ids are left out."""
    rows = models.Brand.objects.filter(pk__in=brand_ids)
    return {BrandId(row.pk): brand_of(row) for row in rows}


def find_brand_ids(*, codes: Collection[str]) -> Mapping[str, BrandId]:
    """Brand code to id, one query; unknown codes are left out."""
    found = models.Brand.objects.filter(code__in=codes).values_list("code", "pk")
    return {code: BrandId(pk) for code, pk in found}


def brand_of(row: models.Brand) -> Brand:
    """A row as other contexts read it."""
    return Brand(
        brand_id=BrandId(row.pk),
        code=row.code,
        legal_name=row.legal_name,
        display_name=row.display_name,
        certificate_number=row.certificate_number,
        duns=row.duns,
        address_lines=tuple(row.address_lines),
        billing_phone=row.billing_phone,
        billing_hours=row.billing_hours,
        outage_phones=row.outage_phones,
        email=row.email,
        website=row.website,
    )

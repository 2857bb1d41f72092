"""The brand as every document of ours names it."""

from __future__ import annotations

from ossrep.product import models
from ossrep.published.product import Brand


def brand_data(brand: Brand | models.Brand) -> dict[str, str]:
    """JSON-ready name, certificate and contact, for the templates."""
    return {
        "display_name": brand.display_name,
        "legal_name": brand.legal_name,
        "certificate": brand.certificate_number,
        "address": ", ".join(brand.address_lines),
        "phone": brand.billing_phone,
        "hours": brand.billing_hours,
        "email": brand.email,
        "website": brand.website,
    }

"""Taxes and assessments: ``tax_single_site`` for many alike, ``tax_invoice`` for any one."""

from ossrep.billing.domain.taxes.columns import (
    SiteTaxes,
    TaxBase,
    TaxColumns,
    collect_tax_base,
    site_taxes,
    tax_single_site,
)
from ossrep.billing.domain.taxes.invoice import TaxedSite, TaxLine, TaxShare, tax_invoice
from ossrep.billing.domain.taxes.rates import (
    SECTIONS,
    TAXES,
    GrossReceiptsTier,
    LocalTax,
    Place,
    TaxRates,
    TaxTemplate,
)

__all__ = [
    "SECTIONS",
    "TAXES",
    "GrossReceiptsTier",
    "LocalTax",
    "Place",
    "SiteTaxes",
    "TaxBase",
    "TaxColumns",
    "TaxLine",
    "TaxRates",
    "TaxShare",
    "TaxTemplate",
    "TaxedSite",
    "collect_tax_base",
    "site_taxes",
    "tax_invoice",
    "tax_single_site",
]

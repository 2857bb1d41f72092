"""Reading what taxes depend on from documents (``docs/formats/quote.md``), problems with paths."""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from fractions import Fraction
from typing import cast

from ossrep.billing.domain.assembly import SiteTax
from ossrep.billing.domain.taxes import GrossReceiptsTier, LocalTax, Place, TaxRates
from ossrep.published.customer import TaxExemption
from ossrep.rating.documents import FieldReader, Problems

POPULATION_MAX = 100_000_000
LOCAL_TAXES_MAX = 50
CODE_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
_ALWAYS = dt.date(1900, 1, 1)
_RATE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?|[0-9]{1,12}/[1-9][0-9]{0,11}")


class Exemption(StrEnum):
    """What a customer's certificate or kind exempts from."""

    NONE = "none"
    SALES_TAX = "sales_tax"
    PUBLIC_SCHOOL_DISTRICT = "public_school_district"


def read_site_tax(document: object, path: str, problems: Problems) -> SiteTax:
    """``{"residential", "exemption", "place"}`` of a site."""
    fields = FieldReader(document, path, problems)
    fields.required("residential")
    fields.required("place")
    place = fields.take("place")
    tax = SiteTax(
        place=read_place(place, fields.at("place"), problems) if place is not None else _NOWHERE,
        residential=fields.flag("residential", False),
        exemption=cast(
            TaxExemption, str(fields.choice("exemption", Exemption, default=Exemption.NONE))
        ),
    )
    fields.finish()
    return tax


_NOWHERE = Place(code="", name="", population=None)


def read_place(document: object, path: str, problems: Problems) -> Place:
    """``{"code", "name", "population", "local_taxes"}``; a local tax is counted once a day."""
    fields = FieldReader(document, path, problems)
    code = fields.text("code", pattern=CODE_PATTERN)
    taxes = tuple(
        _local_tax(item, at, problems)
        for at, item in fields.items("local_taxes", most=LOCAL_TAXES_MAX)
    )
    place = Place(
        code=code,
        name=fields.text("name", default=code or "place"),
        population=fields.whole("population", 0, POPULATION_MAX),
        local_taxes=taxes,
    )
    fields.finish()
    _note_overlaps(place, fields)
    return place


def _local_tax(document: object, path: str, problems: Problems) -> LocalTax:
    fields = FieldReader(document, path, problems)
    code = fields.text("code", pattern=CODE_PATTERN)
    first, end = fields.date("from") or _ALWAYS, fields.date("to")
    if end is not None and end <= first:
        fields.note("to", f"must come after {first}: {end}")
    tax = LocalTax(
        code=code,
        label=fields.text("label", default=code or "local tax"),
        rate=read_rate(fields, "rate"),
        residential=fields.flag("residential", False),
        from_date=first,
        to_date=end,
    )
    fields.finish()
    return tax


def _note_overlaps(place: Place, fields: FieldReader) -> None:
    """One tax at one rate a day: two rows of a code that share a day are refused."""
    for number, tax in enumerate(place.local_taxes):
        for earlier in place.local_taxes[:number]:
            if earlier.code == tax.code and earlier.shares_a_day(tax):
                fields.note(
                    f"local_taxes[{number}].from",
                    f"{tax.code} is in force on {max(tax.from_date, earlier.from_date)} by an "
                    f"earlier row, too: end that one first",
                )


def read_tax_rates(document: object, path: str, problems: Problems) -> TaxRates:
    """``{"puc", "state_sales", "gross_receipts"}``; what is left out is as in the law."""
    fields = FieldReader(document, path, problems)
    law = TaxRates()
    tiers = tuple(
        _tier(item, at, problems)
        for at, item in fields.items("gross_receipts", most=LOCAL_TAXES_MAX)
    )
    rates = TaxRates(
        puc=_law_rate(fields, "puc", law.puc),
        state_sales=_law_rate(fields, "state_sales", law.state_sales),
        gross_receipts=tiers if fields.has("gross_receipts") else law.gross_receipts,
    )
    fields.finish()
    return rates


def _law_rate(fields: FieldReader, name: str, default: Fraction) -> Fraction:
    return default if fields.take(name) is None else read_rate(fields, name)


def _tier(document: object, path: str, problems: Problems) -> GrossReceiptsTier:
    fields = FieldReader(document, path, problems)
    fields.required("above_population")
    tier = GrossReceiptsTier(
        above_population=fields.whole("above_population", 0, POPULATION_MAX) or 0,
        rate=read_rate(fields, "rate"),
    )
    fields.finish()
    return tier


def read_rate(fields: FieldReader, name: str) -> Fraction:
    """A fraction of the base from 0 to 1: ``"0.01"`` or ``"1/600"``."""
    value = fields.required(name)
    if value is None:
        return Fraction(0)
    if isinstance(value, str) and _RATE.fullmatch(value) and Fraction(value) <= 1:
        return Fraction(value)
    fields.note(name, f'must be a quoted fraction from 0 to 1 such as "0.01" or "1/600": {value!r}')
    return Fraction(0)

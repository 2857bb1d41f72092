"""Reading a file of tax places and of the law's rates (``docs/formats/taxes.md``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from ossrep.billing.domain.tax_documents import POPULATION_MAX, read_place, read_rate
from ossrep.billing.domain.taxes import Place
from ossrep.rating.documents import FieldReader, InvalidDocument, Problems

PLACES_MAX = 20_000
LAW_ROWS_MAX = 100
PLACE_CODE_LENGTH_MAX = 40
RATE_DECIMALS = 10


class LawKind(StrEnum):
    """What the law sets one rate for."""

    PUC = "puc"
    STATE_SALES = "state_sales"
    GROSS_RECEIPTS = "gross_receipts"


@dataclass(frozen=True, slots=True)
class LawRow:
    """A rate of the law from a day on; ``above_population`` is 0 but for gross receipts."""

    kind: LawKind
    above_population: int
    rate: Fraction
    from_date: dt.date


@dataclass(frozen=True, slots=True)
class TaxFile:
    """Places by field path, and rates of the law."""

    places: Mapping[str, Place]
    law: Mapping[str, LawRow]


class InvalidTaxes(InvalidDocument):
    """A file of taxes that cannot be used; ``problems`` has every ``(path, message)`` found."""

    code = "invalid_taxes"


def parse_tax_file(document: Any) -> TaxFile:
    """The places and rates of a document. Raises InvalidTaxes with every problem and its path."""
    problems = Problems()
    fields = FieldReader(document, "", problems)
    places: dict[str, Place] = {}
    seen: dict[str, str] = {}
    for path, item in fields.items("places", most=PLACES_MAX):
        place = read_place(item, path, problems)
        if place.code in seen:
            problems.add(f"{path}.code", f"{place.code} stands at {seen[place.code]}, too")
        seen.setdefault(place.code, path)
        _note_what_tables_cannot_hold(path, place, problems)
        places[path] = place
    law = {
        path: _law_row(FieldReader(item, path, problems))
        for path, item in fields.items("law", most=LAW_ROWS_MAX)
    }
    if not places and not law:
        fields.note("places", "give places, or law: rates of the state's law")
    fields.finish()
    if len(problems):
        raise InvalidTaxes(problems.found)
    return TaxFile(places=places, law=law)


def _note_what_tables_cannot_hold(path: str, place: Place, problems: Problems) -> None:
    if len(place.code) > PLACE_CODE_LENGTH_MAX:
        problems.add(f"{path}.code", f"has more than {PLACE_CODE_LENGTH_MAX} characters")
    for number, tax in enumerate(place.local_taxes):
        if (tax.rate * 10**RATE_DECIMALS).denominator != 1:
            at = f"{path}.local_taxes[{number}].rate"
            problems.add(at, f"must be a decimal with at most {RATE_DECIMALS} places: {tax.rate}")


def _law_row(fields: FieldReader) -> LawRow:
    kind = fields.choice("kind", LawKind)
    above = fields.whole("above_population", 0, POPULATION_MAX)
    if kind is not LawKind.GROSS_RECEIPTS and above is not None:
        fields.note("above_population", "only gross_receipts has tiers")
    if kind is LawKind.GROSS_RECEIPTS and above is None:
        fields.required("above_population")
    fields.required("from")
    row = LawRow(
        kind=kind,
        above_population=above or 0,
        rate=read_rate(fields, "rate"),
        from_date=fields.date("from") or dt.date.min,
    )
    fields.finish()
    return row

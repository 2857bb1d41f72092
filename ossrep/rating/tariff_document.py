"""Reading the rows of a delivery tariff (``docs/formats/quote.md``), all problems at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any

from ossrep.rating.component_reading import read_demand_rule, read_taxes
from ossrep.rating.documents import FieldReader, InvalidDocument, Problems
from ossrep.rating.lines import Unit
from ossrep.rating.plan import ALL_TAXES, Proration
from ossrep.rating.tariff import TariffRow

ROWS_MAX = 10_000


class TariffUnit(StrEnum):
    """What a TDSP charges by."""

    MONTH = Unit.MONTH
    DAY = Unit.DAY
    KWH = Unit.KWH
    KW = Unit.KW


class InvalidTariff(InvalidDocument):
    """Tariff rows that cannot be used; ``problems`` has every ``(path, message)`` found."""

    code = "invalid_tariff"


def parse_tariff_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[TariffRow, ...]:
    """The rows of one TDSP and rate class, in the order given.

    Two rows of a code must not be in force on the same day. Raises InvalidTariff with every
    problem and its path, ``rows[3].rate_usd``.
    """
    problems = Problems()
    found: list[tuple[str, TariffRow]] = []
    document = FieldReader({"rows": list(rows)}, "", problems)
    for path, item in document.items("rows", most=ROWS_MAX):
        row = _row(FieldReader(item, path, problems))
        if row is not None:
            found.append((path, row))
    _note_overlaps(found, problems)
    if len(problems):
        raise InvalidTariff(problems.found)
    return tuple(row for _, row in found)


def _row(fields: FieldReader) -> TariffRow | None:
    before = len(fields.problems)
    code = fields.text("code")
    unit = Unit(fields.choice("unit", TariffUnit))
    proration = fields.choice("proration", Proration, Proration.NONE)
    if unit is not Unit.MONTH and proration is not Proration.NONE:
        fields.note("proration", "only rows by the month may have one")
    if unit is not Unit.KW:
        for name in ("ratchet_percent", "round_kw_decimals"):
            if fields.has(name):
                fields.note(name, "only rows by the kw may have one")
    fields.required("from")
    first, end = fields.date("from"), fields.date("to")
    if first is not None and end is not None and end <= first:
        fields.note("to", f"must come after {first}: {end}")
    row = TariffRow(
        code=code,
        label=fields.text("label", default=code or "row"),
        unit=unit,
        rate_usd=fields.decimal("rate_usd"),
        from_date=first or dt.date.min,
        to_date=end,
        proration=proration,
        demand=read_demand_rule(fields),
        taxes=read_taxes(fields, ALL_TAXES) if fields.has("taxes") else fields.take("taxes"),
    )
    fields.finish()
    return row if len(fields.problems) == before else None


def _note_overlaps(found: Sequence[tuple[str, TariffRow]], problems: Problems) -> None:
    by_code: dict[str, list[tuple[TariffRow, str]]] = {}
    for path, row in found:
        by_code.setdefault(row.code, []).append((row, path))
    for rows in by_code.values():
        rows.sort(key=lambda entry: entry[0].from_date)
        for (earlier, earlier_path), (later, path) in pairwise(rows):
            if earlier.to_date is None or earlier.to_date > later.from_date:
                problems.add(
                    f"{path}.from",
                    f"{later.code} is in force on {later.from_date} by {earlier_path}, too: "
                    f"end that one first",
                )

"""Delivery tariffs in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Q

from ossrep.kernel.identifiers import TdspCode
from ossrep.kernel.periods import DatePeriod
from ossrep.product.models import TariffRow
from ossrep.published.product import Tariff


def get_tariffs(
    *, keys: Collection[tuple[TdspCode, str]], period: DatePeriod
) -> Mapping[tuple[TdspCode, str], Tariff]:
    """Rows in force somewhere in the period by (TDSP, rate class), one query, in file order.

    A charge whose rate is 0 on every day of the period is not levied and left out; such rows
    let a rider begin or end inside a period that other rows cover.
    """
    by_key: dict[tuple[TdspCode, str], list[TariffRow]] = {}
    for row in _rows_in_force(keys, period):
        key = (TdspCode(row.series.tdsp_code), row.series.rate_class)
        if key in keys:
            by_key.setdefault(key, []).append(row)
    levied = {key: _levied(rows) for key, rows in by_key.items()}
    return {
        key: Tariff(
            tdsp_code=key[0], rate_class=key[1], rows=tuple(tariff_row_document(r) for r in rows)
        )
        for key, rows in levied.items()
        if rows
    }


def list_rate_classes_in_force(*, on: dt.date) -> list[tuple[TdspCode, str]]:
    """(TDSP, rate class) with any row in force on a date, sorted."""
    found = (
        TariffRow.objects.filter(_in_force(DatePeriod.of_day(on)))
        .order_by("series__tdsp_code", "series__rate_class")
        .values_list("series__tdsp_code", "series__rate_class")
        .distinct()
    )
    return sorted((TdspCode(tdsp), rate_class) for tdsp, rate_class in found)


def tariff_row_document(row: TariffRow) -> Mapping[str, Any]:
    """A row as ``docs/formats/quote.md`` has it; optional fields only where they are set."""
    document: dict[str, Any] = {
        "code": row.series.charge_code,
        "label": row.label,
        "unit": row.unit,
        "rate_usd": plain_decimal(row.rate_usd),
        "from": row.from_date.isoformat(),
        "to": row.to_date.isoformat() if row.to_date else None,
        "proration": row.proration,
    }
    if row.ratchet_percent is not None:
        document["ratchet_percent"] = plain_decimal(row.ratchet_percent)
    if row.round_kw_decimals is not None:
        document["round_kw_decimals"] = row.round_kw_decimals
    if row.taxes is not None:
        document["taxes"] = row.taxes
    return document


def plain_decimal(value: Decimal) -> str:
    """Decimal text without exponent or trailing zeros: ``0.061322``, ``4.06``, ``22``."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rows_in_force(
    keys: Collection[tuple[TdspCode, str]], period: DatePeriod
) -> Sequence[TariffRow]:
    return list(
        TariffRow.objects.filter(
            _in_force(period),
            series__tdsp_code__in={tdsp for tdsp, _ in keys},
            series__rate_class__in={rate_class for _, rate_class in keys},
        )
        .select_related("series")
        .order_by("series__tdsp_code", "series__rate_class", "position", "series_id", "from_date")
    )


def _in_force(period: DatePeriod) -> Q:
    return Q(from_date__lt=period.end) & (Q(to_date__isnull=True) | Q(to_date__gt=period.start))


def _levied(rows: Sequence[TariffRow]) -> list[TariffRow]:
    kept: list[TariffRow] = []
    for _, group in groupby(rows, key=attrgetter("series_id")):
        of_series = list(group)
        if any(row.rate_usd for row in of_series):
            kept += of_series
    return kept

"""The delivery tariff of a quote: of a file of one or many, or of those the product ships."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ossrep.billing.files.file_case import QuoteInputRefused, Source, read_document
from ossrep.infra import services
from ossrep.kernel.identifiers import TdspCode
from ossrep.kernel.periods import DatePeriod
from ossrep.published.product import ProductService

_OF_PRODUCT_ONLY = ("source", "confidence")


def tariff_of_file(
    *, path: Path, tdsp: str | None, rate_class: str | None, default_rate_class: str
) -> tuple[Any, Source]:
    """The tariff of a file: the only one it holds, or of many the one that fits.

    ``default_rate_class`` decides where several fit and none was asked for. Raises
    QuoteInputRefused where none or several fit.
    """
    document, source = read_document(path)
    if not isinstance(document, Mapping):
        return document, source
    if "tariffs" not in document:
        if not _fits(document, tdsp, rate_class):
            held = " ".join(str(document.get(name)) for name in ("tdsp", "rate_class"))
            raise QuoteInputRefused(
                f"is the tariff of {held}: leave --tdsp and --rate-class out, or give another file",
                where=str(path),
            )
        return document, source
    tariffs = document["tariffs"]
    if not isinstance(tariffs, Sequence) or isinstance(tariffs, str):
        raise QuoteInputRefused("must be a list of tariffs", where=source.where("tariffs"))
    fitting = [
        number
        for number, tariff in enumerate(tariffs)
        if isinstance(tariff, Mapping) and _fits(tariff, tdsp, rate_class)
    ]
    if len(fitting) > 1 and rate_class is None:
        fitting = [n for n in fitting if tariffs[n].get("rate_class") == default_rate_class]
    if len(fitting) != 1:
        raise QuoteInputRefused(
            f"holds {len(fitting)} tariffs that fit: choose one with --tdsp and --rate-class",
            where=str(path),
        )
    chosen = fitting[0]
    return _as_of_a_case(tariffs[chosen]), Source(source.file, f"tariffs[{chosen}]")


def shipped_tariff(*, tdsp: str, rate_class: str, period: DatePeriod) -> dict[str, Any]:
    """The tariff of a TDSP that comes with the product. Raises QuoteInputRefused."""
    key = (TdspCode(tdsp), rate_class)
    tariffs = services.resolve(ProductService).get_shipped_tariffs(keys=[key], period=period)
    if key not in tariffs:
        raise QuoteInputRefused(
            f"no shipped tariff of {tdsp}, rate class {rate_class}, is in force in {period}: "
            f"give one with --tariff",
            where="--tdsp",
        )
    found = tariffs[key]
    return {"tdsp": found.tdsp_code, "rate_class": found.rate_class, "rows": list(found.rows)}


def _fits(tariff: Mapping[str, Any], tdsp: str | None, rate_class: str | None) -> bool:
    """A tariff that does not say whose it is fits everyone."""
    return all(
        asked is None or tariff.get(name) in (None, asked)
        for name, asked in (("tdsp", tdsp), ("rate_class", rate_class))
    )


def _as_of_a_case(tariff: Mapping[str, Any]) -> dict[str, Any]:
    """Without the fields that only ``product`` reads."""
    rows = tariff.get("rows")
    kept = [_without(row) for row in rows] if isinstance(rows, list) else rows
    return {**_without(tariff), "rows": kept}


def _without(row: Any) -> Any:
    if not isinstance(row, Mapping):
        return row
    return {name: value for name, value in row.items() if name not in _OF_PRODUCT_ONLY}

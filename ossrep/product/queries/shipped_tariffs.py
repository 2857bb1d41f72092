"""The tariff files that come with the product, read without a database: for quotes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from ossrep.infra.yaml_files import read_yaml
from ossrep.kernel.identifiers import TdspCode
from ossrep.kernel.periods import DatePeriod
from ossrep.product.domain.fields import InvalidFile, Problem
from ossrep.product.domain.tariff_file import TariffEntry, read_tariff_file
from ossrep.product.queries.tariffs import plain_decimal
from ossrep.published.product import Tariff
from ossrep.rating import TariffRow

_FOLDER = Path(__file__).resolve().parent.parent / "data"


def get_shipped_tariffs(
    *, keys: Collection[tuple[TdspCode, str]], period: DatePeriod
) -> Mapping[tuple[TdspCode, str], Tariff]:
    """Rows in force somewhere in the period by (TDSP, rate class), in file order.

    As from the tables, a charge whose rate is 0 on every day of the period is left out.
    """
    found: dict[tuple[TdspCode, str], Tariff] = {}
    for key in keys:
        rows = [
            entry.row
            for entry in _entries()
            if (entry.key.tdsp_code, entry.key.rate_class) == key
            and entry.row.span_in(period) is not None
        ]
        levied = {row.code for row in rows if row.rate_usd}
        documents = tuple(_row_document(row) for row in rows if row.code in levied)
        if documents:
            found[key] = Tariff(tdsp_code=key[0], rate_class=key[1], rows=documents)
    return found


@lru_cache(maxsize=1)
def _entries() -> Sequence[TariffEntry]:
    entries: list[TariffEntry] = []
    for path in sorted(_FOLDER.glob("tariffs_*.yaml")):
        file = read_yaml(path=path)
        problems: list[Problem] = []
        known = {tariff["tdsp"] for tariff in file.data["tariffs"]}
        entries += read_tariff_file(data=file.data, known_tdsps=known, problems=problems)
        if problems:
            raise InvalidFile(problems, locate=file.where, line_of=file.line_of)
    return entries


def _row_document(row: TariffRow) -> Mapping[str, Any]:
    document: dict[str, Any] = {
        "code": row.code,
        "label": row.label,
        "unit": str(row.unit),
        "rate_usd": plain_decimal(row.rate_usd),
        "from": row.from_date.isoformat(),
        "to": row.to_date.isoformat() if row.to_date else None,
        "proration": str(row.proration),
    }
    if row.demand.ratchet_percent is not None:
        document["ratchet_percent"] = plain_decimal(row.demand.ratchet_percent)
    if row.demand.round_kw_decimals is not None:
        document["round_kw_decimals"] = row.demand.round_kw_decimals
    if row.taxes is not None:
        document["taxes"] = sorted(row.taxes)
    return document

"""Builds the case of a quote from the files a person has: plan, usage, tariff, taxes, prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ossrep.infra import services
from ossrep.infra.json_text import load_json
from ossrep.infra.yaml_files import YamlFile, read_yaml
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import TdspCode
from ossrep.kernel.periods import DatePeriod
from ossrep.published.meter import MISSING_WH, IntervalFile, MeterService
from ossrep.published.product import ProductService
from ossrep.rating import InvalidDocument

JSON_BYTES_MAX = 64 * 2**20
_DOCUMENTS = (".yaml", ".yml", ".json")
_DEFAULT_RATE_CLASS = "residential"
_OF_PRODUCT_ONLY = ("source", "confidence")


class QuoteInputRefused(DomainError):
    """A file that does not say what a quote needs; ``where`` names it."""

    code = "quote_input_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteFiles:
    """What a person gave on the command line; money, kW and dates still as text."""

    plan: Path
    usage: Path
    period: DatePeriod
    esi_id: str | None = None
    tariff: Path | None = None
    tdsp: str | None = None
    rate_class: str | None = None
    tax: Path | None = None
    prices: Path | None = None
    bank_in_usd: str | None = None
    prior_peak_kw: str | None = None
    first_bill: bool = True
    final_bill: bool = False


@dataclass(slots=True)
class FileCase:
    """A case and where its parts come from; ``left_out`` tells what of the usage was refused."""

    document: dict[str, Any]
    sources: dict[str, YamlFile | Path] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def where(self, path: str) -> str:
        """The file (and line) of a field of the case: ``flat.yaml:8: components[0].amount_usd``."""
        part, _, rest = path.partition(".")
        source = self.sources.get(part)
        if isinstance(source, YamlFile):
            return source.where(rest)
        return f"{source}: {rest or part}" if source else path


class InvalidQuoteFiles(DomainError):
    """Files whose content cannot be billed; one line for each problem, with file and line."""

    code = "invalid_quote_files"

    def __init__(self, case: FileCase, invalid: InvalidDocument) -> None:
        lines = [f"{case.where(path)}: {message}" for path, message in invalid.problems]
        super().__init__("\n".join(lines))


def read_case(files: QuoteFiles) -> FileCase:
    """The case that the files make. Raises DomainError with the file where one cannot be read."""
    plan = read_yaml(path=files.plan)
    period = files.period
    case = FileCase(
        {
            "id": plan.data.get("plan") if isinstance(plan.data, Mapping) else None,
            "period": {"start": period.start.isoformat(), "end": period.end.isoformat()},
            "plan": plan.data,
            "first_bill": files.first_bill,
            "final_bill": files.final_bill,
        },
        {"plan": plan},
    )
    _add_usage(case, files)
    _add_tariff(case, files)
    _add_tax(case, files.tax)
    _add_document(case, "prices", files.prices)
    for name in ("bank_in_usd", "prior_peak_kw"):
        if getattr(files, name) is not None:
            case.document[name] = getattr(files, name)
    return case


def _read_document(path: Path) -> tuple[Any, YamlFile | Path]:
    if path.suffix.lower() != ".json":
        file = read_yaml(path=path)
        return file.data, file
    try:
        if path.stat().st_size > JSON_BYTES_MAX:
            raise QuoteInputRefused(f"is larger than {JSON_BYTES_MAX} bytes", where=str(path))
        return load_json(path.read_text("utf-8-sig")), path
    except OSError as error:
        raise QuoteInputRefused(f"cannot be read: {error.strerror}", where=str(path)) from error
    except ValueError as error:
        raise QuoteInputRefused(f"is not JSON: {error}", where=str(path)) from error


def _add_document(case: FileCase, name: str, path: Path | None) -> None:
    if path is not None:
        case.document[name], case.sources[name] = _read_document(path)


def _add_tax(case: FileCase, path: Path | None) -> None:
    """``tax_rates`` may stand in the same file."""
    _add_document(case, "tax", path)
    tax = case.document.get("tax")
    if isinstance(tax, Mapping) and "tax_rates" in tax:
        case.document["tax"] = {k: v for k, v in tax.items() if k != "tax_rates"}
        case.document["tax_rates"] = tax["tax_rates"]
        case.sources["tax_rates"] = case.sources["tax"]


def _add_usage(case: FileCase, files: QuoteFiles) -> None:
    if files.usage.suffix.lower() in _DOCUMENTS:
        _add_document(case, "usage", files.usage)
        return
    found = services.resolve(MeterService).read_interval_file(path=files.usage)
    case.left_out += found.refused
    esi_id = _choose_esi_id(found, files)
    case.sources["usage"] = files.usage
    case.document["usage"] = {"days": _days(found, esi_id, files.period)}


def _choose_esi_id(found: IntervalFile, files: QuoteFiles) -> str:
    known = sorted(set(found.esi_ids))
    if files.esi_id is not None:
        return files.esi_id
    if len(known) != 1:
        some = ", ".join(known[:5])
        raise QuoteInputRefused(
            f"holds {len(known)} ESI IDs: choose one with --esi-id ({some})",
            where=str(files.usage),
        )
    return known[0]


def _days(found: IntervalFile, esi_id: str, period: DatePeriod) -> list[dict[str, Any]]:
    days: dict[dt.date, dict[str, Any]] = {}
    for n, date in enumerate(found.dates):
        if found.esi_ids[n] == esi_id and date in period:
            name = "export_wh" if found.is_export[n] else "import_wh"
            values = [None if wh == MISSING_WH else wh for wh in found.wh[n].tolist()]
            days.setdefault(date, {"date": date.isoformat()})[name] = values
    return list(days.values())


def _add_tariff(case: FileCase, files: QuoteFiles) -> None:
    """A tariff of a file, or of those that come with the product for ``--tdsp``."""
    if files.tariff is not None:
        _add_document(case, "tariff", files.tariff)
        document = case.document["tariff"]
        if isinstance(document, Mapping) and "tariffs" in document:
            case.document["tariff"] = _choose_tariff(document["tariffs"], files)
            case.sources["tariff"] = files.tariff
    elif files.tdsp is not None:
        key = (TdspCode(files.tdsp), files.rate_class or _rate_class_of(case))
        tariffs = services.resolve(ProductService).get_shipped_tariffs(
            keys=[key], period=files.period
        )
        if key not in tariffs:
            raise QuoteInputRefused(
                f"no shipped tariff of {key[0]}, rate class {key[1]}, is in force in "
                f"{files.period}: give one with --tariff",
                where="--tdsp",
            )
        tariff = tariffs[key]
        case.document["tariff"] = {
            "tdsp": tariff.tdsp_code,
            "rate_class": tariff.rate_class,
            "rows": list(tariff.rows),
        }


def _rate_class_of(case: FileCase) -> str:
    """The rate class that the plan's label names, residential where it names none."""
    plan = case.document["plan"]
    efl = plan.get("efl") if isinstance(plan, Mapping) else None
    named = efl.get("rate_class") if isinstance(efl, Mapping) else None
    return named if isinstance(named, str) else _DEFAULT_RATE_CLASS


def _choose_tariff(tariffs: Any, files: QuoteFiles) -> Any:
    """One of a file of several tariffs, without the fields that only ``product`` reads."""
    found = [
        tariff
        for tariff in (tariffs if isinstance(tariffs, Sequence) else ())
        if isinstance(tariff, Mapping)
        and files.tdsp in (None, tariff.get("tdsp"))
        and files.rate_class in (None, tariff.get("rate_class"))
    ]
    if len(found) != 1:
        raise QuoteInputRefused(
            f"holds {len(found)} tariffs that fit: choose one with --tdsp and --rate-class",
            where=str(files.tariff),
        )
    rows = found[0].get("rows")
    kept = [_without(row) for row in rows] if isinstance(rows, list) else rows
    return {**_without(found[0]), "rows": kept}


def _without(row: Any) -> Any:
    if not isinstance(row, Mapping):
        return row
    return {name: value for name, value in row.items() if name not in _OF_PRODUCT_ONLY}

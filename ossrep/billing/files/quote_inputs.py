"""Builds the case of a quote from the files a person has: plan, usage, tariff, taxes, prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ossrep.billing.files.file_case import FileCase, QuoteInputRefused, Source, read_document
from ossrep.billing.files.quote_tariffs import shipped_tariff, tariff_of_file
from ossrep.infra import services
from ossrep.infra.yaml_files import read_yaml
from ossrep.kernel.periods import DatePeriod
from ossrep.published.meter import MISSING_WH, IntervalFile, MeterService

_DOCUMENTS = (".yaml", ".yml", ".json")
_DEFAULT_RATE_CLASS = "residential"
_SHARED = ("holidays", "calendars")
_REFUSED_SHOWN_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteFiles:
    """What a person gave on the command line; money, kW and dates still as text."""

    plan: Path
    usage: Path
    period: DatePeriod
    esi_id: str | None = None
    calendars: Path | None = None
    tariff: Path | None = None
    tdsp: str | None = None
    rate_class: str | None = None
    tax: Path | None = None
    prices: Path | None = None
    bank_in_usd: str | None = None
    prior_peak_kw: str | None = None
    first_bill: bool = True
    final_bill: bool = False


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
        {"plan": Source(plan)},
    )
    if files.calendars is not None:
        _add_calendars(case, files.calendars)
    _add_usage(case, files)
    _add_tariff(case, files)
    _add_tax(case, files.tax)
    _add_document(case, "prices", files.prices)
    for name in ("bank_in_usd", "prior_peak_kw"):
        if getattr(files, name) is not None:
            case.document[name] = getattr(files, name)
    return case


def _add_document(case: FileCase, name: str, path: Path | None) -> None:
    if path is not None:
        case.document[name], case.sources[name] = read_document(path)


def _add_calendars(case: FileCase, path: Path) -> None:
    """What plans share (``docs/formats/calendars.md``); what the plan names itself goes first."""
    shared, source = read_document(path)
    if not isinstance(shared, Mapping) or not {*shared} <= {"effective", *_SHARED}:
        raise QuoteInputRefused(
            f"must be a mapping with effective, {' and '.join(_SHARED)} alone", where=str(path)
        )
    for kind in _SHARED:
        common, plan = shared.get(kind) or {}, case.document["plan"]
        if not isinstance(common, Mapping):
            raise QuoteInputRefused("must be a mapping by name", where=source.where(kind))
        own = (plan.get(kind) or {}) if isinstance(plan, Mapping) else None
        if common and isinstance(own, Mapping):
            case.document["plan"] = {**plan, kind: {**common, **own}}
            for name in common.keys() - own.keys():
                case.sources[f"plan.{kind}.{name}"] = Source(source.file, f"{kind}.{name}")


def _add_tax(case: FileCase, path: Path | None) -> None:
    """``tax_rates`` may stand in the same file."""
    _add_document(case, "tax", path)
    tax = case.document.get("tax")
    if isinstance(tax, Mapping) and "tax_rates" in tax:
        case.document["tax"] = {k: v for k, v in tax.items() if k != "tax_rates"}
        case.document["tax_rates"] = tax["tax_rates"]
        case.sources["tax_rates"] = Source(case.sources["tax"].file, "tax_rates")


def _add_tariff(case: FileCase, files: QuoteFiles) -> None:
    """A tariff of a file, or of those that come with the product for ``--tdsp``."""
    usual = _rate_class_of(case)
    if files.tariff is not None:
        case.document["tariff"], case.sources["tariff"] = tariff_of_file(
            path=files.tariff,
            tdsp=files.tdsp,
            rate_class=files.rate_class,
            default_rate_class=usual,
        )
    elif files.tdsp is not None:
        case.document["tariff"] = shipped_tariff(
            tdsp=files.tdsp, rate_class=files.rate_class or usual, period=files.period
        )
    elif files.rate_class is not None:
        raise QuoteInputRefused("give --tdsp or --tariff too", where="--rate-class")


def _rate_class_of(case: FileCase) -> str:
    """The rate class that the plan's label names, residential where it names none."""
    plan = case.document["plan"]
    efl = plan.get("efl") if isinstance(plan, Mapping) else None
    named = efl.get("rate_class") if isinstance(efl, Mapping) else None
    return named if isinstance(named, str) else _DEFAULT_RATE_CLASS


def _add_usage(case: FileCase, files: QuoteFiles) -> None:
    if files.usage.suffix.lower() in _DOCUMENTS:
        if files.esi_id is not None:
            raise QuoteInputRefused(
                f"{files.usage} names no ESI ID: leave it out", where="--esi-id"
            )
        _add_document(case, "usage", files.usage)
        return
    found = services.resolve(MeterService).read_interval_file(path=files.usage)
    case.notes += [f"left out: {sentence}" for sentence in found.refused]
    days = _days(found, _choose_esi_id(found, files), files.period)
    case.notes += _notes_on_exports(days, files.usage)
    case.document["usage"], case.sources["usage"] = {"days": days}, Source(files.usage)


def _choose_esi_id(found: IntervalFile, files: QuoteFiles) -> str:
    known = sorted(set(found.esi_ids))
    if not known:
        why = "".join(f"\n{sentence}" for sentence in found.refused[:_REFUSED_SHOWN_MAX])
        raise QuoteInputRefused(f"holds no day that can be billed{why}", where=str(files.usage))
    some = ", ".join(known[:5])
    if files.esi_id is not None:
        if files.esi_id not in known:
            raise QuoteInputRefused(
                f"has nothing of ESI ID {files.esi_id}; it holds {some}",
                where=str(files.usage),
            )
        return files.esi_id
    if len(known) != 1:
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


def _notes_on_exports(days: list[dict[str, Any]], path: Path) -> list[str]:
    """Says it where an exporter's file has days without export: they count as 0."""
    without = [day["date"] for day in days if "export_wh" not in day]
    if not without or len(without) == len(days):
        return []
    return [f"{path}: no export on {', '.join(without)}: counted as 0 kWh"]

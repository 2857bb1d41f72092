"""ERCOT's TDSP ESI ID extract (report 203): names, when a file holds, what a row may say.

Columns and names: ERCOT User Guide, TDSP ESI ID Report, version 5.0, sections 2.1.1, 3.1 and 4.1.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import local_midnight
from ossrep.market.domain.addresses import street_key_columns
from ossrep.market.domain.service_points import EXTRACT_FIELDS, STATUSES

COLUMNS = 22
NULL = "\\N"
"""What COPY's text format writes where there is no value."""

_NAME = re.compile(r"(?P<territory>[A-Z](?:[A-Z_]*[A-Z])?)_+(?P<kind>FUL|DAILY)")
_REPORTED = re.compile(r"-REPORTS-(\d\d)-([A-Z]{3})-(\d\d)")
_POSTED = re.compile(r"(?:^|\.|RptPublic\d{6})(20\d\d)(\d\d)(\d\d)(?=\.|\d{6}\D)")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_ONE_SECOND = dt.timedelta(seconds=1)
_SATURDAY = 5

_ESI_ID = re.compile(r"[0-9]{10,36}")
_ESI_IDS = re.compile(r"(?:[0-9]{10,36}\n)*")
_ZIP = re.compile(r"([0-9]{5})(?:-?[0-9]{4})?")
_DUNS = re.compile(r"[0-9]{9}|[0-9]{13}|")

_FLAGS = {"Y": "t", "N": "f", "": NULL}
_STATUS_OF = {status.upper(): status for status in STATUSES}
_ESI_ID_AT, _STREET_AT, _ZIP_AT, _DUNS_AT, _STATUS_AT = 0, 1, 5, 7, 9

_PLACES: Mapping[str, tuple[int, int]] = {
    "street": (1, 120),
    "street_line2": (2, 120),
    "city": (3, 60),
    "state": (4, 2),
    "county": (6, 60),
    "read_cycle": (8, 4),
    "premise_type": (10, 40),
    "power_region": (11, 10),
    "station": (12, 30),
    "station_name": (13, 80),
    "open_service_orders": (15, 2000),
    "polr_customer_class": (16, 40),
    "ams_indicator": (18, 10),
    "metered_service_type": (20, 10),
    "metered_service_type_text": (21, 120),
}
"""Texts of a row: field to its column (from 0) and the most characters it may have."""
_FLAG_PLACES = {"is_metered": 14, "has_settlement_ams": 17, "has_switch_hold": 19}

STAGED = (
    "esi_id",
    *(name for name in EXTRACT_FIELDS if name != "tdsp_code"),
    "house_number",
    "street_start",
    "street_end",
)
"""Columns of a row as it is staged, in order; the TDSP is the file's."""

NULLABLE = (*_FLAG_PLACES, "house_number")
"""Those of them that may have no value; the others are texts."""

Column = Sequence[str]


class ExtractNameRefused(DomainError):
    """A file name that does not say whose extract of which day it is."""

    code = "extract_name_refused"


class ExtractRowRefused(DomainError):
    """A row that does not fit the extract's columns."""

    code = "extract_row_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractName:
    """Whose extract of which day; ``effective_at`` is the instant that its rows describe."""

    territory: str
    kind: Literal["FUL", "DAILY"]
    report_date: dt.date

    @property
    def effective_at(self) -> dt.datetime:
        """A full one: the end of the Saturday before; a daily one: of the day before (2.1.1)."""
        days = (self.report_date.weekday() - _SATURDAY) % 7 or 7 if self.kind == "FUL" else 1
        last_day = self.report_date - dt.timedelta(days=days)
        return local_midnight(last_day + dt.timedelta(days=1)) - _ONE_SECOND


def parse_extract_name(*names: str) -> ExtractName:
    """Reads the name of a CSV, then that of its zip. Raises ExtractNameRefused."""
    found = next((match for name in names if (match := _NAME.search(name))), None)
    if found is None:
        raise ExtractNameRefused(
            "the name does not say whose extract it is: ...ONCOR_ELEC___FUL... or ...DAILY..."
        )
    date = next((date for name in names if (date := _date_in(name)) is not None), None)
    if date is None:
        raise ExtractNameRefused(
            "the name has no date: ...-REPORTS-02-MAR-26.csv or ...20260302....zip"
        )
    kind: Literal["FUL", "DAILY"] = "FUL" if found["kind"] == "FUL" else "DAILY"
    return ExtractName(territory=found["territory"], kind=kind, report_date=date)


def _date_in(name: str) -> dt.date | None:
    try:
        if found := _REPORTED.search(name):
            day, month, year = found.groups()
            return dt.date(2000 + int(year), _MONTHS.index(month) + 1, int(day))
        if found := _POSTED.search(name):
            year, month, day = found.groups()
            return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
    return None


def staged_columns(rows: Sequence[Sequence[str]]) -> list[Column] | None:
    """Good rows as columns of ``STAGED``, in COPY's words; None where some row is not good.

    A column at a time: hundreds of thousands of rows a second.
    """
    columns: list[Column] = list(zip(*rows, strict=True))
    if not _ESI_IDS.fullmatch("\n".join((*columns[_ESI_ID_AT], ""))):
        return None
    zips = {text: _zip_of(text) for text in set(columns[_ZIP_AT])}
    statuses = {text: _STATUS_OF.get(text.upper()) for text in set(columns[_STATUS_AT])}
    if None in zips.values() or None in statuses.values():
        return None
    if not all(_DUNS.fullmatch(text) for text in set(columns[_DUNS_AT])):
        return None
    for place, chars_max in _PLACES.values():
        if max(map(len, columns[place])) > chars_max:
            return None
    if any(set(columns[place]) - set(_FLAGS) for place in _FLAG_PLACES.values()):
        return None
    return _staged(columns, zips, statuses)


def _staged(
    columns: Sequence[Column], zips: Mapping[str, str | None], statuses: Mapping[str, str | None]
) -> list[Column]:
    numbers, starts, ends = street_key_columns(columns[_STREET_AT], null=NULL)
    found: dict[str, list[str] | Column] = {
        "esi_id": columns[_ESI_ID_AT],
        "zip_code": [zips[text] or "" for text in columns[_ZIP_AT]],
        "status": [statuses[text] or "" for text in columns[_STATUS_AT]],
        "house_number": numbers,
        "street_start": starts,
        "street_end": ends,
    }
    for name, (place, _) in _PLACES.items():
        found[name] = columns[place]
    for name, place in _FLAG_PLACES.items():
        found[name] = [_FLAGS[text] for text in columns[place]]
    return [found[name] for name in STAGED]


def check_row(row: Sequence[str]) -> None:
    """Raises ExtractRowRefused with what is wrong with one row; says nothing of a good one."""
    if len(row) != COLUMNS:
        raise ExtractRowRefused(f"has {len(row)} columns, {COLUMNS} are needed")
    for place, wrong, what in _CHECKS:
        if wrong(row[place]):
            raise ExtractRowRefused(f"column {place + 1}: {row[place][:40]!r} {what}")
    for name, (place, chars_max) in _PLACES.items():
        if len(row[place]) > chars_max:
            raise ExtractRowRefused(
                f"column {place + 1}: {name} has {len(row[place])} characters, at most {chars_max}"
            )


def values_of(row: Sequence[str]) -> dict[str, object]:
    """The fields that a good row tells, as the registry keeps them (without the TDSP)."""
    flags = {"Y": True, "N": False, "": None}
    return {
        **{name: row[place] for name, (place, _) in _PLACES.items()},
        **{name: flags[row[place]] for name, place in _FLAG_PLACES.items()},
        "zip_code": _zip_of(row[_ZIP_AT]) or "",
        "status": _STATUS_OF[row[_STATUS_AT].upper()],
    }


def numbers_of(rows: Sequence[Sequence[str]]) -> set[str]:
    """The DUNS numbers that rows name."""
    return {row[_DUNS_AT] for row in rows} - {""}


@lru_cache(maxsize=100_000)
def _zip_of(text: str) -> str | None:
    """The first five digits; None where it is no ZIP."""
    if not text:
        return ""
    found = _ZIP.fullmatch(text)
    return found.group(1) if found else None


_CHECKS: Sequence[tuple[int, Callable[[str], bool], str]] = (
    (_ESI_ID_AT, lambda text: not _ESI_ID.fullmatch(text), "is no ESI ID (10 to 36 digits)"),
    (_ZIP_AT, lambda text: _zip_of(text) is None, "is no ZIP"),
    (_DUNS_AT, lambda text: not _DUNS.fullmatch(text), "is no DUNS number (9 or 13 digits)"),
    (
        _STATUS_AT,
        lambda text: text.upper() not in _STATUS_OF,
        f"is no status ({', '.join(STATUSES)})",
    ),
    *((place, lambda text: text not in _FLAGS, "is not Y or N") for place in (14, 17, 19)),
)

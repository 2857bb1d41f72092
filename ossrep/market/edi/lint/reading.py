"""A transaction as lines and grids, from its dataclass: every field that says something."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.edi.lint.model import Grid, Line
from ossrep.market.edi.lint.naming import explain_reason, label_of, meaning_of
from ossrep.market.edi.texas_set.intervals import IntervalSeries
from ossrep.market.edi.texas_set.model import Moment, Party, Reason, Transaction

_FIRST = ("reference", "original_reference", "date", "esi_id", "tdsp", "retailer")
_NOT_SHOWN = {"unknown", "strays", "line_id", "kind"}
_BARS = "▁▂▃▄▅▆▇█"


def read_out(transaction: Transaction) -> tuple[Line | Grid, ...]:
    """Everything a transaction says, its head first."""
    return tuple(_object(transaction, transaction.kind, 0))


def _object(value: object, kind: str, level: int) -> Iterator[Line | Grid]:
    classes = _class_names(value)
    fields = [f.name for f in dataclasses.fields(value)]  # type: ignore[arg-type]
    head = [name for name in _FIRST if name in fields] if level == 0 else []
    for name in [*head, *(f for f in fields if f not in head)]:
        # The kind of a transaction is its title; that of a loop is one of its values.
        if name in _NOT_SHOWN and not (name == "kind" and level):
            continue
        found = getattr(value, name)
        if not _says_nothing(found):
            yield from _field(found, name, classes, kind, level)


def _field(
    found: object, name: str, classes: tuple[str, ...], kind: str, level: int
) -> Iterator[Line | Grid]:
    label = label_of(name)
    if isinstance(found, IntervalSeries):
        yield from _intervals(found, label, level)
    elif isinstance(found, tuple) and isinstance(found[0], Reason):
        for reason in found:
            yield from _reason(reason, name, label, kind, level)
    elif isinstance(found, tuple):
        yield from _many(found, label, kind, level)
    elif isinstance(found, Reason):
        yield from _reason(found, name, label, kind, level)
    elif _is_object(found):
        yield Line(label, "", level)
        yield from _object(found, kind, level + 1)
    else:
        yield Line(label, _with_meaning(found, name, classes, kind), level)


def _many(found: tuple[object, ...], label: str, kind: str, level: int) -> Iterator[Line | Grid]:
    if not _is_object(found[0]):
        yield Line(label, ", ".join(map(scalar_text, found)), level)
        return
    if len(found) > 1 and all(map(_is_flat, found)):
        yield _grid(found, label, kind, level)
        return
    single = label.removesuffix("s")
    for number, each in enumerate(found, start=1):
        name = f"{single} {number}" if len(found) > 1 else single
        if level and _is_flat(each):
            values = _values(each, kind)
            yield Line(name, " · ".join(f"{label_of(n)} {v}" for n, v in values.items()), level)
            continue
        yield Line(name, "", level)
        yield from _object(each, kind, level + 1)


def _grid(found: Sequence[object], label: str, kind: str, level: int) -> Grid:
    """One row each; what all rows say alike stands in the title, once."""
    rows = [_values(each, kind) for each in found]
    names = list(dict.fromkeys(name for row in rows for name in row))
    same = {
        name: rows[0][name]
        for name in names
        if len(rows) > 2 and len({row.get(name) for row in rows}) == 1
    }
    columns = [name for name in names if name not in same] or names[:1]
    alike = ", ".join(f"{label_of(name)} {value}" for name, value in same.items())
    return Grid(
        f"{label} (all: {alike})" if alike else label,
        tuple(map(label_of, columns)),
        tuple(tuple(row.get(name, "") for name in columns) for row in rows),
        level,
    )


def _values(value: object, kind: str) -> dict[str, str]:
    """Field to text, without those that say nothing or repeat what a code means."""
    classes = _class_names(value)
    texts: dict[str, str] = {}
    for field in dataclasses.fields(value):  # type: ignore[arg-type]
        found = getattr(value, field.name)
        if field.name in _NOT_SHOWN - {"kind"} or _says_nothing(found):
            continue
        text = _with_meaning(found, field.name, classes, kind)
        if not any(f"({text.casefold()})" in said.casefold() for said in texts.values()):
            texts[field.name] = text
    return texts


def _reason(reason: Reason, name: str, label: str, kind: str, level: int) -> Iterator[Line | Grid]:
    meaning, action = explain_reason(kind, name, reason.code)
    said = [reason.code, meaning, f"“{shown(reason.text)}”" if reason.text else ""]
    yield Line(label.removesuffix("s"), " — ".join(part for part in said if part), level)
    if action:
        yield Line("what to do", action, level + 1)


def _intervals(series: IntervalSeries, label: str, level: int) -> Iterator[Line]:
    if not len(series):
        yield Line(label, "none", level)
        return
    start, end = (at.astimezone(MARKET_ZONE) for at in (series.start_at, series.end_at))
    span = f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
    yield Line(label, f"{len(series):,} of {series.minutes} minutes, {span}", level)
    yield Line("total", f"{series.total.normalize():f} {series.unit}", level + 1)
    kinds = {q: series.qualifiers.count(q) for q in sorted(set(series.qualifiers))}
    counted = (
        f"{count:,} {code} {meaning_of('867_03', ('Reading',), 'qualifier', code)}".strip()
        for code, count in kinds.items()
    )
    yield Line("quality", ", ".join(counted), level + 1)
    by_day: dict[dt.date, int] = {}
    for minute, value in zip(series.end_minutes, series.millionths, strict=True):
        began = dt.datetime.fromtimestamp((minute - series.minutes) * 60, MARKET_ZONE).date()
        by_day[began] = by_day.get(began, 0) + value
    if len(by_day) > 1:
        yield Line("by day", sparkline(list(by_day.values())), level + 1)


def sparkline(values: Sequence[int]) -> str:
    """One bar a value; all low where all are alike."""
    low, high = min(values), max(values)
    if low == high:
        return _BARS[0] * len(values)
    return "".join(_BARS[(v - low) * (len(_BARS) - 1) // (high - low)] for v in values)


def shown(text: str) -> str:
    """Text of a file as a person reads it: bytes that are UTF-8 as their characters."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def scalar_text(value: object) -> str:
    """A single value; empty for what says nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Party():
            return f"{shown(value.name)} ({value.duns})" if value.duns else shown(value.name)
        case Moment():
            time = "" if value.time is None else f" {value.time:%H:%M}"
            return f"{_date(value.date)}{time}"
        case dt.date():
            return _date(value)
        case Decimal():
            return f"{value:,f}"
        case tuple():
            return ", ".join(map(scalar_text, value))
        case _ if _is_object(value):
            values = (getattr(value, f.name) for f in dataclasses.fields(value))  # type: ignore[arg-type]
            return " ".join(filter(None, map(scalar_text, values)))
        case _:
            return shown(str(value))


def _with_meaning(found: object, name: str, classes: tuple[str, ...], kind: str) -> str:
    text = scalar_text(found)
    meaning = meaning_of(kind, classes, name, found) if isinstance(found, str) else ""
    return f"{text} ({meaning})" if meaning else text


def _date(value: dt.date) -> str:
    return f"{value:%Y-%m-%d (%a)}"


def _says_nothing(value: object) -> bool:
    return value is None or value in ("", ()) or (_is_object(value) and value == _blank(value))


def _blank(value: object) -> object:
    """The same object with nothing said, where its class allows that."""
    try:
        return type(value)()
    except TypeError:
        return None


def _is_object(value: object) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, Party | Moment)


def _is_flat(value: object) -> bool:
    values = (getattr(value, f.name) for f in dataclasses.fields(value))  # type: ignore[arg-type]
    return not any(
        isinstance(each, IntervalSeries)
        or (_is_object(each) and not _says_nothing(each))
        or (isinstance(each, tuple) and each and _is_object(each[0]))
        for each in values
    )


def _class_names(value: object) -> tuple[str, ...]:
    return tuple(each.__name__ for each in type(value).__mro__[:-1])

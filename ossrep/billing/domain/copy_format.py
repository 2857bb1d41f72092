"""PostgreSQL's binary COPY format, built from columns: no Python object for a fixed-width value.

A table is fixed-width columns (numpy arrays) followed by variable ones (bytes or None for each
row). Source: PostgreSQL manual, COPY, "Binary Format"; ``numeric`` as in its send function:
base-10000 digits, of which the server drops leading zeros.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_EPOCH_ORDINAL = dt.date(2000, 1, 1).toordinal()
_MONEY_GROUPS = 5
_NEGATIVE = 0x4000

Array = NDArray[np.generic]


class Kind(Enum):
    """How a fixed-width column travels; ``CENTS`` is int64 cents to ``numeric(18,2)``."""

    INT2 = ">i2"
    INT4 = ">i4"
    INT8 = ">i8"
    BOOL = "i1"
    DATE = "date"
    CENTS = "cents"


def date_days(date: dt.date) -> int:
    """Days since 2000-01-01, as a DATE column wants them."""
    return date.toordinal() - _EPOCH_ORDINAL


@dataclass(frozen=True, slots=True)
class CopyRows:
    """A COPY stream and the columns in its order."""

    columns: tuple[str, ...]
    data: bytes


def encode_rows(
    *,
    fixed: Mapping[str, tuple[Kind, Array]],
    variable: Mapping[str, Sequence[bytes | None]],
) -> CopyRows:
    """The whole COPY stream of ``n`` rows.

    A variable column whose values are all null or all of one length joins the fixed ones, so
    that most tables need no loop over their rows. Fixed columns come first.
    """
    widths = {name: _common_width(values) for name, values in variable.items()}
    uniform = {name: variable[name] for name, width in widths.items() if width is not None}
    ragged = {name: variable[name] for name, width in widths.items() if width is None}
    rows = _fixed_rows(fixed, uniform, fields=len(fixed) + len(variable))
    columns = (*fixed, *uniform, *ragged)
    body = rows.tobytes()
    if not ragged:
        return CopyRows(columns, b"".join((HEADER, body, TRAILER)))
    width = rows.dtype.itemsize
    parts: list[bytes] = [HEADER]
    tails = zip(*ragged.values(), strict=True)
    for offset, tail in zip(range(0, len(body), width), tails, strict=True):
        parts.append(body[offset : offset + width])
        for value in tail:
            if value is None:
                parts.append(_NULL)
            else:
                parts.append(len(value).to_bytes(4, "big"))
                parts.append(value)
    parts.append(TRAILER)
    return CopyRows(columns, b"".join(parts))


def _common_width(values: Sequence[bytes | None]) -> int | None:
    """The length that all values share, -1 when all are null; None when they differ."""
    nulls = values.count(None)
    if nulls:
        return -1 if nulls == len(values) else None
    widths = set(map(len, values))  # type: ignore[arg-type]
    return widths.pop() if len(widths) == 1 else None


def jsonb(text: str) -> bytes:
    """The value of a jsonb column: version 1 and the text."""
    return b"\x01" + text.encode()


def _fixed_rows(
    fixed: Mapping[str, tuple[Kind, Array]],
    uniform: Mapping[str, Sequence[bytes | None]],
    *,
    fields: int,
) -> NDArray[np.void]:
    layout: list[tuple[str, str] | tuple[str, str, tuple[int, ...]]] = [("fields", ">i2")]
    size = 0
    for name, (kind, values) in fixed.items():
        layout.append((f"{name}_length", ">i4"))
        layout += _layout(name, kind)
        size = len(values)
    for name, raw in uniform.items():
        layout.append((f"{name}_length", ">i4"))
        width = len(raw[0] or b"")
        if width:
            layout.append((name, f"V{width}"))
    rows = np.zeros(size, dtype=np.dtype(layout))
    rows["fields"] = fields
    for name, raw in uniform.items():
        _put_raw(rows, name, raw)
    for name, (kind, values) in fixed.items():
        if kind is Kind.CENTS:
            _put_cents(rows, name, values.astype(np.int64))
        else:
            rows[name] = values
            rows[f"{name}_length"] = rows.dtype[name].itemsize
    return rows


def _put_raw(rows: NDArray[np.void], name: str, raw: Sequence[bytes | None]) -> None:
    first = raw[0] if raw else None
    rows[f"{name}_length"] = -1 if first is None else len(first)
    if first:
        rows[name] = np.frombuffer(b"".join(raw), dtype=rows.dtype[name])  # type: ignore[arg-type]


def _layout(name: str, kind: Kind) -> list[tuple[str, str] | tuple[str, str, tuple[int, ...]]]:
    if kind is Kind.DATE:
        return [(name, ">i4")]
    if kind is not Kind.CENTS:
        return [(name, kind.value)]
    return [
        (f"{name}_ndigits", ">i2"),
        (f"{name}_weight", ">i2"),
        (f"{name}_sign", ">u2"),
        (f"{name}_dscale", ">i2"),
        (f"{name}_digits", ">i2", (_MONEY_GROUPS,)),
    ]


def _put_cents(rows: NDArray[np.void], name: str, cents: NDArray[np.int64]) -> None:
    """Four base-10000 digits of dollars, then one that holds the cents."""
    rows[f"{name}_length"] = 8 + 2 * _MONEY_GROUPS
    rows[f"{name}_ndigits"] = _MONEY_GROUPS
    rows[f"{name}_weight"] = _MONEY_GROUPS - 2
    rows[f"{name}_sign"] = np.where(cents < 0, _NEGATIVE, 0)
    rows[f"{name}_dscale"] = 2
    dollars, rest = np.divmod(np.abs(cents), 100)
    digits = rows[f"{name}_digits"]
    digits[:, _MONEY_GROUPS - 1] = rest * 100
    for place in range(_MONEY_GROUPS - 2, -1, -1):
        dollars, digits[:, place] = np.divmod(dollars, 10_000)

"""PostgreSQL's binary COPY format, built from columns: no Python object for a fixed-width value.

A table is fixed-width columns (numpy arrays) followed by variable ones (bytes or None for each
row). Source: PostgreSQL manual, COPY, "Binary Format"; ``numeric`` as in its send function:
base-10000 digits, of which the server drops leading zeros.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
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


def encode_rows(
    *,
    fixed: Mapping[str, tuple[Kind, Array]],
    variable: Mapping[str, Sequence[bytes | None]],
) -> bytes:
    """The whole COPY stream of ``n`` rows; columns in the mappings' order, fixed ones first."""
    rows = _fixed_rows(fixed, fields=len(fixed) + len(variable))
    if not variable:
        return b"".join((HEADER, rows.tobytes(), TRAILER))
    width = rows.dtype.itemsize
    body = rows.tobytes()
    parts: list[bytes] = [HEADER]
    tails = zip(*variable.values(), strict=True)
    for offset, tail in zip(range(0, len(body), width), tails, strict=True):
        parts.append(body[offset : offset + width])
        for value in tail:
            if value is None:
                parts.append(_NULL)
            else:
                parts.append(len(value).to_bytes(4, "big"))
                parts.append(value)
    parts.append(TRAILER)
    return b"".join(parts)


def jsonb(text: str) -> bytes:
    """The value of a jsonb column: version 1 and the text."""
    return b"\x01" + text.encode()


def _fixed_rows(fixed: Mapping[str, tuple[Kind, Array]], *, fields: int) -> NDArray[np.void]:
    layout: list[tuple[str, str] | tuple[str, str, tuple[int, ...]]] = [("fields", ">i2")]
    size = 0
    for name, (kind, values) in fixed.items():
        layout.append((f"{name}_length", ">i4"))
        layout += _layout(name, kind)
        size = len(values)
    rows = np.zeros(size, dtype=np.dtype(layout))
    rows["fields"] = fields
    for name, (kind, values) in fixed.items():
        if kind is Kind.CENTS:
            _put_cents(rows, name, values.astype(np.int64))
        else:
            rows[name] = values
            rows[f"{name}_length"] = rows.dtype[name].itemsize
    return rows


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

"""PostgreSQL's binary COPY as arrays: no Python object for each value, in either direction."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ossrep.meter.db import connection

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_LENGTH = struct.Struct(">i")
_NULL = -1

POSTGRES_EPOCH = np.datetime64("2000-01-01", "D")
POSTGRES_EPOCH_US = 946_684_800_000_000


def row_dtype(fields: Sequence[tuple[str, str]]) -> np.dtype[np.void]:
    """A row of COPY's binary format whose fields all have a fixed width.

    ``fields`` are (name, numpy type); the lengths that stand before each are ``n_<name>``.
    """
    parts: list[tuple[str, str]] = [("n_fields", ">i2")]
    for name, kind in fields:
        parts += [(f"n_{name}", ">i4"), (name, kind)]
    return np.dtype(parts)


def empty_rows(*, count: int, fields: Sequence[tuple[str, str]]) -> NDArray[np.void]:
    """Rows with their framing filled in, for ``copy_in``."""
    dtype = row_dtype(fields)
    rows = np.zeros(count, dtype=dtype)
    rows["n_fields"] = len(fields)
    for name, _ in fields:
        rows[f"n_{name}"] = dtype[name].itemsize
    return rows


def copy_in(*, table: str, columns: Sequence[str], parts: Sequence[bytes]) -> None:
    """Writes rows that are in binary form already."""
    with (
        connection().cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(_SIGNATURE)
        for part in parts:
            copy.write(part)
        copy.write(_TRAILER)


def copy_fixed(
    *, query: str, params: Sequence[Any], fields: Sequence[tuple[str, str]]
) -> NDArray[np.void]:
    """Rows of a query whose columns all have a fixed width and are never null."""
    dtype = row_dtype(fields)
    data = b"".join(_messages(query, params))
    rows = np.frombuffer(data, dtype=dtype, count=len(data) // dtype.itemsize)
    assert len(data) % dtype.itemsize == 0
    assert not len(rows) or int(rows["n_fields"].min()) == len(fields)
    return rows


def copy_groups(*, query: str, params: Sequence[Any]) -> Iterator[list[memoryview | None]]:
    """The fields of each row of a query, for few rows with long fields; None where null."""
    for message in _messages(query, params):
        view = memoryview(message)
        at = 2
        fields: list[memoryview | None] = []
        while at < len(view):
            (length,) = _LENGTH.unpack_from(view, at)
            at += _LENGTH.size
            if length == _NULL:
                fields.append(None)
            else:
                fields.append(view[at : at + length])
                at += length
        yield fields


def _messages(query: str, params: Sequence[Any]) -> Iterator[bytes]:
    """COPY's data, one row a piece, without header and trailer."""
    with connection().cursor() as cursor:
        # Django's logging cursor takes a finished statement only.
        statement = cursor.mogrify(f"COPY ({query}) TO STDOUT (FORMAT BINARY)", params)
        with cursor.copy(statement) as copy:
            yield from _rows(copy)


def _rows(copy: Iterable[Any]) -> Iterator[bytes]:
    is_first = True
    for piece in copy:
        row = bytes(piece)
        if is_first:
            row, is_first = row[len(_SIGNATURE) :], False
        if row and row != _TRAILER:
            yield row


def postgres_days(dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Dates as PostgreSQL counts them: days from 2000-01-01."""
    days: NDArray[np.int64] = (dates - POSTGRES_EPOCH).astype(np.int64)
    return days

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


_SENDERS = {">i2": "int2send", ">i4": "int4send", ">i8": "int8send", "?": "boolsend"}
_SENDERS |= {"V16": "uuid_send", ">date": "date_send", ">time": "timestamptz_send"}


def copy_packed(
    *, fields: Sequence[tuple[str, str]], source: str, params: Sequence[Any]
) -> NDArray[np.void]:
    """Rows of columns that all have a fixed width and are never null, packed by the server.

    ``fields`` are (column, numpy type; ``>date`` and ``>time`` for a date's days and a
    timestamp's microseconds from PostgreSQL's epoch); ``source`` is the rest of the query from
    FROM on. Packing saves the cost of handing over each row.
    """
    packed = " || ".join(f"{_SENDERS[kind]}({name})" for name, kind in fields)
    query = f"SELECT string_agg({packed}, ''::bytea) {source}"
    plain = {">date": ">i4", ">time": ">i8"}
    dtype = np.dtype([(name, plain.get(kind, kind)) for name, kind in fields])
    data = b"".join(fields_[0] or b"" for fields_ in copy_groups(query=query, params=params))
    return np.frombuffer(data, dtype=dtype)


def copy_groups(*, query: str, params: Sequence[Any]) -> Iterator[list[memoryview | None]]:
    """The fields of each row of a query, for few rows with long fields; None where null."""
    for view in _messages(query, params):
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


def _messages(query: str, params: Sequence[Any]) -> Iterator[memoryview]:
    """COPY's data, one row a piece, without header and trailer."""
    with connection().cursor() as cursor:
        # Django's logging cursor takes a finished statement only.
        statement = cursor.mogrify(f"COPY ({query}) TO STDOUT (FORMAT BINARY)", params)
        with cursor.copy(statement) as copy:
            yield from _rows(copy)


def _rows(copy: Iterable[Any]) -> Iterator[memoryview]:
    is_first = True
    for piece in copy:
        row = memoryview(piece)
        if is_first:
            row, is_first = row[len(_SIGNATURE) :], False
        if len(row) > len(_TRAILER):
            yield row


def postgres_days(dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Dates as PostgreSQL counts them: days from 2000-01-01."""
    days: NDArray[np.int64] = (dates - POSTGRES_EPOCH).astype(np.int64)
    return days


def array_text(values: Iterable[object]) -> str:
    """A parameter for ``%s::int[]`` or the like: one text instead of a quoting of each value.

    Only for values whose text has neither quotes nor commas: numbers, dates, ESI IDs.
    """
    return "{" + ",".join(map(str, values)) + "}"

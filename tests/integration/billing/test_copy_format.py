"""The binary COPY format is what the server reads."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import numpy as np
import pytest
from django.db import connections

from ossrep.billing.domain.copy_format import CopyRows, Kind, date_days, encode_rows, jsonb
from ossrep.kernel.money import dollars

pytestmark = pytest.mark.django_db(databases="__all__")

CENTS = [0, 1, -1, 99, 100, -12_345, 10**15, -(10**15), 999_999_999_999_999_999]


def copied(rows: CopyRows, columns: str) -> list[tuple[object, ...]]:
    with connections["billing"].cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE copied ({columns}) ON COMMIT DROP")
        with cursor.copy(f"COPY copied ({', '.join(rows.columns)}) FROM STDIN BINARY") as copy:
            copy.write(rows.data)
        cursor.execute("SELECT * FROM copied")
        found: list[tuple[object, ...]] = cursor.fetchall()
        return found


class TestEncodeRows:
    def test_writes_money_exactly(self) -> None:
        rows = encode_rows(fixed={"m": (Kind.CENTS, np.array(CENTS[:-1]))}, variable={})

        assert [row[0] for row in copied(rows, "m numeric(18,2)")] == [
            dollars(cents) for cents in CENTS[:-1]
        ]

    def test_writes_sixteen_digits_of_dollars(self) -> None:
        rows = encode_rows(fixed={"m": (Kind.CENTS, np.array(CENTS[-1:]))}, variable={})

        assert copied(rows, "m numeric(20,2)") == [(Decimal("9999999999999999.99"),)]

    def test_writes_every_kind_of_fixed_column(self) -> None:
        dates = [dt.date(1999, 12, 31), dt.date(2026, 7, 9)]
        rows = encode_rows(
            fixed={
                "a": (Kind.INT2, np.array([-5, 7])),
                "b": (Kind.INT4, np.array([-(2**31), 1])),
                "c": (Kind.INT8, np.array([2**62, -1])),
                "d": (Kind.BOOL, np.array([True, False])),
                "e": (Kind.DATE, np.array([date_days(date) for date in dates])),
            },
            variable={},
        )

        assert copied(rows, "a int2, b int4, c int8, d bool, e date") == [
            (-5, -(2**31), 2**62, True, dates[0]),
            (7, 1, -1, False, dates[1]),
        ]

    @pytest.mark.parametrize(
        "words", [["one", "three"], ["one", None], ["one", "two"], [None, None], ["", ""]]
    )
    def test_writes_texts_of_any_length_and_nulls(self, words: list[str | None]) -> None:
        values = [None if word is None else word.encode() for word in words]
        rows = encode_rows(
            fixed={"n": (Kind.INT4, np.arange(2))},
            variable={"word": values, "other": [b"x", b"longer"]},
        )

        assert copied(rows, "n int4, word text, other text") == [
            (0, words[0], "x"),
            (1, words[1], "longer"),
        ]

    def test_writes_json(self) -> None:
        rows = encode_rows(
            fixed={"n": (Kind.INT4, np.arange(1))}, variable={"j": [jsonb('{"ä": [1, "\\t"]}')]}
        )

        found = copied(rows, "n int4, j jsonb")

        assert json.loads(str(found[0][1])) == {"ä": [1, "\t"]}

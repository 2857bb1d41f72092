"""Series of numbers, each a sequence of the database."""

from __future__ import annotations

from typing import Literal

from ossrep.customer.db import connection
from ossrep.customer.domain.numbers import check_digit

Series = Literal[
    "customer",
    "account",
    "premises",
    "contract",
    "contact",
    "enrollment",
    "move_out",
    "online_enrollment",
]

PREFIXES: dict[Series, str] = {
    "customer": "C",
    "account": "",
    "premises": "P",
    "contract": "K",
    "contact": "N",
    "enrollment": "E",
    "move_out": "M",
    "online_enrollment": "W",
}


def take_number(series: Series) -> str:
    """The next number of a series: a prefix, eight digits or more, and a check digit.

    Numbers can be skipped (a transaction that fails has used its own), never given twice. One
    that a book has brought is stepped over.
    """
    with connection().cursor() as cursor:
        while True:
            cursor.execute(f"SELECT nextval('{series}_number_seq')::text")
            digits = str(cursor.fetchone()[0])
            number = PREFIXES[series] + digits + check_digit(digits=digits)
            cursor.execute(f"SELECT 1 FROM {series} WHERE number = %s", [number])  # noqa: S608
            if cursor.fetchone() is None:
                return number

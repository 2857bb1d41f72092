"""Numbers of our interchanges and groups: each given once, in order, for one pair of ids."""

from __future__ import annotations

from typing import Literal

from ossrep.kernel.errors import DomainError
from ossrep.market.db import connection

Series = Literal["interchange", "group"]
NUMBER_MAX = 999_999_999

_TAKE = """
    INSERT INTO control_number AS c (series, sender, receiver, last) VALUES (%s, %s, %s, %s)
    ON CONFLICT (series, sender, receiver) DO UPDATE SET last = c.last + EXCLUDED.last
    RETURNING last
"""


class ControlNumbersExhausted(DomainError):
    """All numbers of nine digits between two ids were given."""

    code = "control_numbers_exhausted"


def take_control_numbers(*, series: Series, sender: str, receiver: str, count: int = 1) -> range:
    """The next ``count`` numbers of a series, in the caller's transaction.

    The series stays locked until that transaction ends: what commits has numbers without gap,
    and what rolls back or dies gives its numbers back unseen.
    """
    with connection().cursor() as cursor:
        cursor.execute(_TAKE, [series, sender, receiver, count])
        last: int = cursor.fetchone()[0]
    if last > NUMBER_MAX:
        raise ControlNumbersExhausted(
            f"the {series} numbers of nine digits are used up", where=f"{sender} to {receiver}"
        )
    return range(last - count + 1, last + 1)

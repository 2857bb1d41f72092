"""What is rated: the usage of many service points over one period, their facts, market prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import interval_counts, intervals_in_day
from ossrep.kernel.periods import DatePeriod

MISSING_WH = -(2**31)
"""Stands in an interval that is absent; a row that holds one is refused."""

MISSING_PRICE = -(2**31)
"""Stands in a price that is absent; a period that needs it is refused."""

WH_MAX = 10**13
"""More Wh than this in one period is refused as implausible; exact arithmetic relies on it."""

PEAK_W_MAX = 10**10
"""More W than this is refused as implausible; exact arithmetic relies on it."""

CENTS_MAX = 10**15
"""A bank or a line beyond ten trillion dollars is refused; sums of lines then fit in 64 bits."""

NO_PEAK_W = -1
"""The peak of a row whose demand was not measured."""


class InvalidUsage(DomainError):
    """Usage arrays whose shapes or types do not fit the period or each other."""

    code = "invalid_usage"


class InvalidPrices(DomainError):
    """A day of a price series with a wrong number of values."""

    code = "invalid_prices"


@dataclass(frozen=True, slots=True)
class UsageBlock:
    """``n`` service points that share one period: each channel as intervals or as registers.

    ``import_wh`` and ``export_wh`` are int32 ``(n, T)`` Wh, ``T`` the sum of the days' 92, 96 or
    100 quarter hours, days in order; ``MISSING_WH`` where absent. Registers are int64 ``(n,)``
    Wh and W. Imports are one of the two; exports one of the two or none, which reads as 0.
    A block of registers without ``register_peak_w`` has no demand.
    """

    period: DatePeriod
    import_wh: NDArray[np.int32] | None = None
    export_wh: NDArray[np.int32] | None = None
    register_import_wh: NDArray[np.int64] | None = None
    register_export_wh: NDArray[np.int64] | None = None
    register_peak_w: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        if (self.import_wh is None) == (self.register_import_wh is None):
            raise InvalidUsage("give imports either as intervals or as registers")
        if self.export_wh is not None and self.register_export_wh is not None:
            raise InvalidUsage("give exports either as intervals or as registers, not both")
        if self.import_wh is not None and self.register_peak_w is not None:
            raise InvalidUsage("the peak of interval imports is computed, not given")
        columns = int(interval_counts(self.period.start, self.period.end).sum())
        for name in ("import_wh", "export_wh"):
            _check(getattr(self, name), name, np.int32, (self.rows, columns))
        for name in ("register_import_wh", "register_export_wh", "register_peak_w"):
            _check(getattr(self, name), name, np.int64, (self.rows,))

    @property
    def rows(self) -> int:
        """Number of service points."""
        imports = self.import_wh if self.import_wh is not None else self.register_import_wh
        return 0 if imports is None else int(imports.shape[0])


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What a bill needs to know of each service point beside its usage, shapes ``(n,)``.

    ``prior_peak_w`` is the highest W of the 11 months before, ``bank_in_cents`` the credit bank
    that comes in, both at least 0.
    """

    prior_peak_w: NDArray[np.int64]
    bank_in_cents: NDArray[np.int64]
    first_bill: NDArray[np.bool_]
    final_bill: NDArray[np.bool_]

    def __post_init__(self) -> None:
        shape = (int(self.prior_peak_w.shape[0]),)
        _check(self.prior_peak_w, "prior_peak_w", np.int64, shape)
        _check(self.bank_in_cents, "bank_in_cents", np.int64, shape)
        _check(self.first_bill, "first_bill", np.bool_, shape)
        _check(self.final_bill, "final_bill", np.bool_, shape)

    @classmethod
    def plain(cls, rows: int) -> SiteFacts:
        """No earlier peak, an empty bank, neither first nor final bill."""
        return cls(
            prior_peak_w=np.zeros(rows, dtype=np.int64),
            bank_in_cents=np.zeros(rows, dtype=np.int64),
            first_bill=np.zeros(rows, dtype=np.bool_),
            final_bill=np.zeros(rows, dtype=np.bool_),
        )


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """Market prices of local days in units of 0.01 $/MWh.

    Each day is int32 of shape ``(92|96|100,)``, or ``(1,)`` for a daily index that gives one
    price to each quarter hour. A day that is not known is absent,
    a quarter hour that is not known is ``MISSING_PRICE``.
    """

    days: Mapping[dt.date, NDArray[np.int32]]

    def __post_init__(self) -> None:
        for date, values in self.days.items():
            if values.dtype != np.int32 or values.shape not in ((1,), (intervals_in_day(date),)):
                raise InvalidPrices(
                    f"prices of {date} must be int32, 1 or {intervals_in_day(date)} values, "
                    f"not {values.dtype} {values.shape}"
                )


def _check(
    array: NDArray[np.generic] | None, name: str, dtype: type[np.generic], shape: tuple[int, ...]
) -> None:
    if array is not None and (array.dtype != dtype or array.shape != shape):
        raise InvalidUsage(
            f"{name} must be {np.dtype(dtype)} {shape}, not {array.dtype} {array.shape}"
        )

"""Invoice numbers: a series, a counter and a check digit that finds what people mistype."""

from __future__ import annotations

import numpy as np

COUNTER_DIGITS = 7
COUNTER_MAX = 10**COUNTER_DIGITS - 1

# The quasigroup of H. Michael Damm's thesis (2004): finds every single wrong digit and every
# swap of two neighbours.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def check_digit(digits: str) -> int:
    """The Damm check digit of a string of decimal digits."""
    state = 0
    for digit in digits:
        state = _DAMM[state][int(digit)]
    return state


def invoice_number(*, series: int, counter: int) -> str:
    """The printed number: series, seven digits of the counter, check digit (``100000016``)."""
    if not 0 < counter <= COUNTER_MAX or series < 1:
        raise ValueError(f"series {series} has no counter {counter}")
    digits = f"{series}{counter:0{COUNTER_DIGITS}d}"
    return f"{digits}{check_digit(digits)}"


def invoice_numbers(*, series: int, counters: range) -> list[str]:
    """``invoice_number`` of many neighbouring counters, digit by digit for all at once."""
    if not counters:
        return []
    for counter in (counters[0], counters[-1]):
        invoice_number(series=series, counter=counter)
    numbers = np.arange(counters.start, counters.stop, counters.step) + series * 10**COUNTER_DIGITS
    table, state = np.array(_DAMM), np.zeros(len(numbers), dtype=np.int64)
    # The check digit of leading zeros is 0, so they may be read along.
    for place in reversed(range(len(str(numbers[-1])))):
        state = table[state, numbers // 10**place % 10]
    return list(map(str, (numbers * 10 + state).tolist()))


def is_valid_invoice_number(text: str) -> bool:
    """True when the check digit fits; spaces and hyphens do not count."""
    digits = text.replace(" ", "").replace("-", "")
    return len(digits) > COUNTER_DIGITS + 1 and digits.isdigit() and check_digit(digits) == 0

"""kWh texts as whole Wh: eight characters at once in one 64-bit word, or one by one with care."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

WORD = 8
"""Bytes that must stand in the buffer before the first number."""
WH_MAX = 2**31 - 1

_U = np.uint64
_ZEROS = _U(0x3030303030303030)
_DOT = _U(ord("."))
_BYTE = _U(0xFF)


def _bytes_mask(low: int, high: int) -> int:
    return sum(0xFF << (8 * i) for i in range(low, high))


# Index: length of the text. What lies before it in its word is shifted out and read as zeros.
_SHIFT = np.array([8 * (WORD - n) for n in range(WORD + 1)], dtype=_U)
_FILL = np.array([0x3030303030303030 & _bytes_mask(0, WORD - n) for n in range(WORD + 1)], dtype=_U)
# Index: number of decimals. The point is taken out by moving what stands before it.
_DECIMALS = np.array([_bytes_mask(WORD - d, WORD) for d in range(4)], dtype=_U)
_WHOLE = np.array([_bytes_mask(0, WORD - d - (d > 0)) for d in range(4)], dtype=_U)
_MOVE = np.array([0, 8, 8, 8], dtype=_U)
_FIRST = np.array([0, 0x30, 0x30, 0x30], dtype=_U)
_SCALE = np.array([1000, 100, 10, 1], dtype=_U)


def words_at(*, buffer: NDArray[np.uint8], positions: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Eight bytes from each position as one little-endian word; the buffer must hold them."""
    view = np.ndarray((len(buffer) - WORD + 1,), dtype="<u8", buffer=buffer, strides=(1,))
    words: NDArray[np.uint64] = view[positions]
    return words


def word_of(text: bytes) -> np.uint64:
    """Eight bytes as the word that ``words_at`` gives for them."""
    return _U(int.from_bytes(text, "little"))


def read_wh(
    *, buffer: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Wh of the kWh texts ``buffer[starts[i]:ends[i]]``, and which of them were plain.

    Plain is one to eight characters: digits with at most one point and at most three decimals.
    All other texts (signs, blanks, longer ones) are the careful way's; their Wh mean nothing.
    Every start lies at least ``WORD`` bytes into the buffer.
    """
    lengths = ends - starts
    plain = (lengths > 0) & (lengths <= WORD)
    lengths = np.where(plain, lengths, WORD)
    shift = _SHIFT[lengths]
    word = words_at(buffer=buffer, positions=ends - WORD)
    word = ((word >> shift) << shift) | _FILL[lengths]
    decimals = np.zeros(len(word), dtype=np.intp)
    for places in (1, 2, 3):
        decimals[(word >> _U(8 * (WORD - 1 - places))) & _BYTE == _DOT] = places
    word = (
        (word & _DECIMALS[decimals])
        | ((word & _WHOLE[decimals]) << _MOVE[decimals])
        | _FIRST[decimals]
    )
    plain &= _all_digits(word)
    wh = _eight_digits(word) * _SCALE[decimals]
    plain &= wh <= WH_MAX
    return wh.astype(np.int32), plain


def _all_digits(word: NDArray[np.uint64]) -> NDArray[np.bool_]:
    high = _U(0xF0F0F0F0F0F0F0F0)
    above_nine = ((word + _U(0x0606060606060606)) & high) >> _U(4)
    digits: NDArray[np.bool_] = ((word & high) | above_nine) == _U(0x3333333333333333)
    return digits


def _eight_digits(word: NDArray[np.uint64]) -> NDArray[np.uint64]:
    # Pairs, then fours, then all eight; the first character is the lowest byte.
    pair_mask = _U(0x000000FF000000FF)
    word = word - _ZEROS
    word = word * _U(10) + (word >> _U(8))
    low = (word & pair_mask) * _U(100 + (1_000_000 << 32))
    high = ((word >> _U(16)) & pair_mask) * _U(1 + (10_000 << 32))
    return (low + high) >> _U(32)


class NotWh(ValueError):
    """A text that is no number of kWh; ``reason`` is a stable code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


_KWH = re.compile(rb"(\d{0,12})(?:\.(\d{1,12}))?")


def wh_of(text: bytes) -> int:
    """Wh of one kWh text; ``NotWh`` says what is wrong with it.

    At most three decimals, since a quarter hour is a whole number of Wh (RMG 9 appendix G);
    further zeros do no harm.
    """
    bare = text.strip()
    found = _KWH.fullmatch(bare)
    if not bare or found is None or bare == b".":
        raise _not_wh(bare)
    decimals = found[2] or b""
    if decimals[3:].strip(b"0"):
        raise NotWh("too_many_decimals", f"{_shown(bare)} kWh has more than three decimals")
    wh = int(found[1] or b"0") * 1000 + int(decimals[:3].ljust(3, b"0"))
    if wh > WH_MAX:
        raise NotWh("not_a_number", f"{_shown(bare)} kWh in a quarter hour is out of range")
    return wh


def _not_wh(text: bytes) -> NotWh:
    if not text:
        return NotWh("not_a_number", "the value is empty")
    if text.startswith(b"-") and _KWH.fullmatch(text[1:]):
        return NotWh(
            "negative", f"{_shown(text)} kWh is negative; the other direction has rows of its own"
        )
    return NotWh("not_a_number", f"{_shown(text)} is not a number of kWh")


def _shown(text: bytes) -> str:
    return repr(text[:40].decode("ascii", "backslashreplace"))

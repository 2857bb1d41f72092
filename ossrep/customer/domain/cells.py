"""What one value of a record may look like: each check gives the text to store or refuses it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import lru_cache

from ossrep.customer.domain.numbers import is_valid_number
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import is_valid_esi_id

Check = Callable[[str], str]


class FieldRefused(DomainError):
    """A value that a record cannot have; ``where`` names the field."""

    code = "field_refused"


_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?\Z")
_FOREIGN_ZIP = re.compile(r"(?=.*[A-Z])[A-Z0-9][A-Z0-9 -]{1,9}\Z")
_STATE = re.compile(r"[A-Z]{2}\Z")
_CYCLE = re.compile(r"[0-9]{2}\Z|[A-Z][A-Z0-9]{1,3}\Z")
_SCIENTIFIC = re.compile(r"[0-9][.,]?[0-9]*[Ee]\+?[0-9]+\Z")


def text(length_max: int) -> Check:
    """A line of text without control characters."""

    def check(value: str) -> str:
        if len(value) > length_max:
            raise FieldRefused(f"has {len(value)} characters, at most {length_max} are kept")
        if not value.isprintable() and _CONTROL.search(value):
            raise FieldRefused("has a control character")
        return value

    return check


def number(value: str) -> str:
    """A number that people read."""
    if not is_valid_number(value):
        raise FieldRefused(f"{shown(value)} is not a number of 1 to 40 letters, digits and -._/")
    return value


def esi_id(value: str) -> str:
    """17 or 22 digits (RMG appendix G)."""
    if is_valid_esi_id(value):
        return value
    if _SCIENTIFIC.match(value):
        raise FieldRefused(
            f"{shown(value)} is what a spreadsheet makes of an ESI ID; format the column as text"
        )
    raise FieldRefused(f"{shown(value)} does not have 17 or 22 digits")


def read_cycle(value: str) -> str:
    """Two digits, or a short code; a leading zero that a spreadsheet lost is put back."""
    cycle = value.zfill(2) if value.isascii() and value.isdigit() else value.upper()
    if not _CYCLE.match(cycle):
        raise FieldRefused(f"{shown(value)} is not a read cycle like 07")
    return cycle


def zip_code(value: str) -> str:
    """A United States ZIP code."""
    if not _ZIP.match(value):
        raise FieldRefused(f"{shown(value)} is not a ZIP code of 5 digits or 5-4")
    return value


def postal_code(value: str) -> str:
    """A ZIP code, or a foreign code with a letter in it."""
    if _ZIP.match(value) or _FOREIGN_ZIP.match(value.upper()):
        return value.upper()
    raise FieldRefused(f"{shown(value)} is not a ZIP code of 5 digits or 5-4")


def state(value: str) -> str:
    """Two letters."""
    if not _STATE.match(value.upper()):
        raise FieldRefused(f"{shown(value)} is not a state of two letters")
    return value.upper()


def email(value: str) -> str:
    """An address with one ``@`` and a dot after it."""
    if len(value) > 254 or not _EMAIL.match(value):
        raise FieldRefused(f"{shown(value)} is not an e-mail address")
    return value


@lru_cache(maxsize=4096)
def date(value: str) -> str:
    """``YYYY-MM-DD``, 1900 to 2199."""
    try:
        found = dt.date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year < 2200:
        raise FieldRefused(f"{shown(value)} is not a date like 2026-11-24")
    return value


def whole_number(value: str) -> str:
    """1 to 999,999."""
    if not (value.isascii() and value.isdigit() and 0 < int(value[:7]) < 1_000_000):
        raise FieldRefused(f"{shown(value)} is not a whole number")
    return value


def one_of(*allowed: str) -> Check:
    """One of the words, in any case."""

    def check(value: str) -> str:
        if value in allowed:
            return value
        if value.lower() in allowed:
            return value.lower()
        raise FieldRefused(f"{shown(value)} is none of {', '.join(allowed)}")

    return check


def shown(value: str) -> str:
    """A value as messages quote it: in quotes, at most 60 characters."""
    return f'"{value if len(value) <= 60 else value[:57] + "..."}"'

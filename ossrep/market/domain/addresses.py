"""Addresses as people write them, brought into one form: for keys to search by, and to compare."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

HOUSE_DIGITS_MAX = 9
KEY_LENGTH = 4
WORDS_MAX = 12

_KINDS = {
    "ALLEY": "ALY", "AVENUE": "AVE", "AV": "AVE", "BEND": "BND", "BOULEVARD": "BLVD",
    "CIRCLE": "CIR", "COURT": "CT", "COVE": "CV", "CREEK": "CRK", "CROSSING": "XING",
    "DRIVE": "DR", "EXPRESSWAY": "EXPY", "FREEWAY": "FWY", "HIGHWAY": "HWY", "HILL": "HL",
    "LANE": "LN", "PARKWAY": "PKWY", "PLACE": "PL", "PLAZA": "PLZ", "POINT": "PT", "ROAD": "RD",
    "SQUARE": "SQ", "STREET": "ST", "STR": "ST", "TERRACE": "TER", "TRAIL": "TRL",
    "LOOP": "LOOP", "PASS": "PASS", "RUN": "RUN", "WAY": "WAY", "WALK": "WALK",
}  # fmt: skip
_KIND_WORDS = frozenset(_KINDS) | frozenset(_KINDS.values())
_DIRECTIONS = {
    "NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W", "NORTHEAST": "NE", "NORTHWEST": "NW",
    "SOUTHEAST": "SE", "SOUTHWEST": "SW",
}  # fmt: skip
_DIRECTION_WORDS = frozenset(_DIRECTIONS) | frozenset(_DIRECTIONS.values())
_FALLING_WORDS = _DIRECTION_WORDS | _KIND_WORDS
_UNITS = frozenset({
    "APARTMENT", "APT", "BLDG", "BUILDING", "FL", "FLOOR", "LOT", "NO", "RM", "ROOM", "SPACE",
    "SPC", "STE", "SUITE", "TRAILER", "TRLR", "UNIT",
})  # fmt: skip
_STATES = frozenset({"TX", "TEXAS"})
_APOSTROPHES = re.compile(r"['’.]")
_OTHERS = re.compile(r"[^A-Z0-9#,]+")
_NUMBER = re.compile(r"[0-9]{1,9}")
_DIGITS = re.compile(r"[0-9]+")
_ZIP = re.compile(r"[0-9]{5}")


@dataclass(frozen=True, slots=True)
class StreetKeys:
    """What a street line is found by: its house number, and how the street's name begins and ends.

    One wrong letter spoils at most one of the two in a name of seven letters or more.
    """

    house_number: int | None
    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAddress:
    """An address somebody typed. ``name_ends`` are its street name's possible ends.

    Where the city follows without a comma nothing says which word is the street's last one.
    """

    house_number: int | None
    words: tuple[str, ...]
    names: tuple[str, ...]
    unit: str
    rest: str
    zip_code: str


def street_keys(street: str) -> StreetKeys:
    """Keys of a street line as the market writes it (``100 OLD MILL RD``)."""
    first, _, rest = street.partition(" ")
    digits = _DIGITS.match(first)
    start, end = name_keys(rest if first[:1].isdecimal() else street)
    has_number = digits is not None and len(digits.group()) <= HOUSE_DIGITS_MAX
    number = int(digits.group()) if digits is not None and has_number else None
    return StreetKeys(number, start, end)


def street_key_columns(
    streets: Sequence[str], *, null: str
) -> tuple[list[str], list[str], list[str]]:
    """``street_keys`` of many, as texts by column; ``null`` where there is no house number.

    Numbers and names repeat over a town's streets, so each is looked at once.
    """
    number_of: dict[str, str] = {}
    keys_of: dict[str, tuple[str, str]] = {}
    numbers, starts, ends = [], [], []
    for street in streets:
        first, _, rest = street.partition(" ")
        number = number_of.get(first)
        if number is None:
            found = street_keys(first).house_number
            number = number_of[first] = null if found is None else str(found)
        # Without a number the first word is the name's: such lines are few.
        name = rest if first[:1].isdecimal() else street
        keys = keys_of.get(name)
        if keys is None:
            keys = keys_of[name] = name_keys(name)
        numbers.append(number)
        starts.append(keys[0])
        ends.append(keys[1])
    return numbers, starts, ends


@lru_cache(maxsize=200_000)
def name_keys(name: str) -> tuple[str, str]:
    """The first and the last letters of a street's name without direction and kind."""
    letters = street_name(plain_words(name))
    return letters[:KEY_LENGTH], letters[-KEY_LENGTH:]


def plain_words(text: str) -> list[str]:
    """Words in capitals, without punctuation; ``#`` and commas are words of their own."""
    spaced = text.upper().replace("#", " # ").replace(",", " , ")
    return _OTHERS.sub(" ", _APOSTROPHES.sub("", spaced)).split()


def street_name(words: Sequence[str]) -> str:
    """The letters of the name itself: direction before, kind and direction behind fall away."""
    inside = [word for word in words if word not in "#,"]
    has_own_name = any(word not in _FALLING_WORDS for word in inside[1:])
    if has_own_name and inside[0] in _DIRECTION_WORDS:
        inside = inside[1:]
    while len(inside) > 1 and inside[-1] in _FALLING_WORDS:
        inside = inside[:-1]
    return "".join(inside)


def unit_text(text: str) -> str:
    """The mark of a unit alone: ``APT 2``, ``#2`` and ``UNIT 2`` are alike."""
    return "".join(word for word in plain_words(text) if word not in _UNITS and word not in "#,")


def read_wanted(text: str, *, zip_code: str = "") -> WantedAddress:
    """What somebody is looking for: number, street, unit, then perhaps city, state and ZIP."""
    words = plain_words(text)[: 3 * WORDS_MAX]
    found_zip = zip_code[:5]
    if len(words) > 1 and words[-1].isdecimal():
        # A ZIP with four more digits has become two words.
        if len(words[-1]) == 4 and len(words) > 2 and _ZIP.fullmatch(words[-2]):
            words.pop()
        if _ZIP.fullmatch(words[-1]) and len(words) > 2:
            found_zip = found_zip or words[-1]
            words.pop()
    while words and words[-1] in _STATES | {","}:
        words.pop()
    number: int | None = None
    if words and (digits := _NUMBER.match(words[0])):
        number = int(digits.group())
        words = words[1:]
    street, unit, rest = _parts(words)
    return WantedAddress(
        house_number=number,
        words=tuple(_short(word) for word in street),
        names=_names(street),
        unit=unit,
        rest=" ".join(word for word in rest if word != ","),
        zip_code=found_zip,
    )


def _parts(words: Sequence[str]) -> tuple[list[str], str, list[str]]:
    """Street, unit and what follows; a comma, a unit or the kind of the street ends the street."""
    street: list[str] = []
    unit = ""
    place = 0
    while place < len(words) and len(street) < WORDS_MAX:
        word = words[place]
        if word == "," and street:
            break
        if (word == "#" or word in _UNITS) and street:
            break
        if word not in "#,":
            street.append(word)
        place += 1
    rest = [word for word in words[place:] if word != ","]
    if rest and (rest[0] == "#" or rest[0] in _UNITS):
        marks = [word for word in rest[1:3] if word not in _UNITS and word != "#"]
        unit = marks[0] if marks else ""
        rest = rest[rest.index(unit) + 1 :] if unit else rest[1:]
    return street, unit, rest


def _names(street: Sequence[str]) -> tuple[str, ...]:
    """Possible street names, the likeliest first."""
    found = [street_name(street)]
    for place in range(1, len(street)):
        if street[place] in _KIND_WORDS:
            found.insert(0, street_name(street[: place + 1]))
    found += [street_name(street[:place]) for place in range(len(street) - 1, 0, -1)]
    return tuple(dict.fromkeys(name for name in found if name))


def _short(word: str) -> str:
    return _KINDS.get(word) or _DIRECTIONS.get(word) or word

"""Finds service points by an address as people type it, among millions.

One index, of house number, ZIP and the first and last letters of the street's name, narrows it to
some hundred candidates: by number and ZIP, and by number and either letters. A wrong letter in the
name spoils one of the two at most; a wrong digit of the number is met by asking for all numbers
that are one slip away. Candidates are ranked by how like they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from ossrep.kernel.identifiers import EsiId, TdspCode
from ossrep.market.db import connection
from ossrep.market.domain.addresses import (
    KEY_LENGTH,
    WantedAddress,
    plain_words,
    read_wanted,
    street_name,
    unit_text,
)
from ossrep.published.market import FoundAddress, ServicePoint

CANDIDATES_MAX = 600
TEXT_CHARS_MAX = 200
LIMIT_MAX = 50
SCORE_MIN = 60.0
SURE_SCORE = 90.0
"""Enough to look no further: what else there is can only be worse."""
LIKELY_SCORE = 65.0
"""Enough not to ask the whole state for numbers that are one slip away, the dearest question."""
NAME_SCORE_MIN = 55.0
NAMES_MAX = 6

_COLUMNS = """
    esi_id, tdsp_code, status, street, street_line2, city, state, zip_code, county, read_cycle,
    premise_type, is_metered, has_switch_hold
"""
_BY_ZIP = f"""
    SELECT {_COLUMNS} FROM service_point
    WHERE zip_code = %(zip)s AND house_number = ANY(%(numbers)s) AND deleted_at IS NULL
    LIMIT {CANDIDATES_MAX}
"""  # noqa: S608
_BY_NAME = f"""
    (SELECT {_COLUMNS} FROM service_point
     WHERE house_number = ANY(%(numbers)s) AND street_start = ANY(%(starts)s)
       AND deleted_at IS NULL LIMIT {CANDIDATES_MAX})
    UNION ALL
    (SELECT {_COLUMNS} FROM service_point
     WHERE house_number = ANY(%(numbers)s) AND street_end = ANY(%(ends)s)
       AND deleted_at IS NULL LIMIT {CANDIDATES_MAX})
"""  # noqa: S608
_NEAR = f"""
    {_BY_NAME}
    UNION ALL
    (SELECT {_COLUMNS} FROM service_point
     WHERE house_number = ANY(%(slips)s) AND zip_code = %(zip)s
       AND deleted_at IS NULL LIMIT {CANDIDATES_MAX})
"""  # noqa: S608
_Row = tuple[Any, ...]
_ESI_ID, _STREET, _LINE2, _CITY, _ZIP = 0, 3, 4, 5, 7


def search_addresses(*, text: str, zip_code: str | None, limit: int) -> Sequence[FoundAddress]:
    """Service points whose address is like ``text``, the best first, at most ``limit``.

    ``text`` is number and street, then unit, city, state and ZIP as far as they are known. Without
    a house number nothing is found. Wrong letters and digits are forgiven, at a lower score.
    """
    wanted = read_wanted(text[:TEXT_CHARS_MAX], zip_code=zip_code or "")
    if wanted.house_number is None or not wanted.names:
        return []
    found: dict[str, tuple[float, _Row]] = {}
    for enough, rows in _candidates(wanted):
        for score, row in _ranked(wanted, rows):
            found.setdefault(row[_ESI_ID], (score, row))
        if any(score >= enough for score, _ in found.values()):
            break
    best = sorted(found.values(), key=lambda one: (-one[0], one[1][_STREET], one[1][_LINE2]))
    return [_published(score, row) for score, row in best[: min(limit, LIMIT_MAX)]]


def _candidates(wanted: WantedAddress) -> Iterator[tuple[float, Sequence[_Row]]]:
    """From what is most likely meant to what still might be, and the score that is enough then."""
    assert wanted.house_number is not None
    slips = sorted(_slips(wanted.house_number))
    names = wanted.names[:NAMES_MAX]
    values = {
        "zip": wanted.zip_code,
        "numbers": [wanted.house_number],
        "slips": slips,
        "starts": sorted({name[:KEY_LENGTH] for name in names}),
        "ends": sorted({name[-KEY_LENGTH:] for name in names}),
    }
    if wanted.zip_code:
        yield SURE_SCORE, _rows(_BY_ZIP, values)
        yield LIKELY_SCORE, _rows(_NEAR, values)
    else:
        yield LIKELY_SCORE, _rows(_BY_NAME, values)
    yield 0, _rows(_BY_NAME, {**values, "numbers": slips})


def _rows(sql: str, values: dict[str, Any]) -> Sequence[_Row]:
    with connection().cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _slips(number: int) -> Collection[int]:
    """Numbers that one slip makes of this one: a digit wrong, missing, too many, two swapped."""
    text, found = str(number), set()
    for place in range(len(text) + 1):
        before, after = text[:place], text[place:]
        found |= {before + digit + after for digit in "0123456789"}
        if after:
            found |= {before + digit + after[1:] for digit in "0123456789"} | {before + after[1:]}
        if len(after) > 1:
            found.add(before + after[1] + after[0] + after[2:])
    return {int(one) for one in found if one and len(one) <= 9}


def _ranked(wanted: WantedAddress, rows: Sequence[_Row]) -> Iterator[tuple[float, _Row]]:
    if not rows:
        return
    names = [street_name(plain_words(row[_STREET])[1:]) for row in rows]
    likeness: NDArray[np.float32] = process.cdist(
        wanted.names[:NAMES_MAX], names, scorer=fuzz.ratio, score_cutoff=NAME_SCORE_MIN
    )
    best = likeness.max(axis=0).tolist()
    texts: dict[str, float] = {}
    for row, name_score in zip(rows, best, strict=True):
        if name_score:
            score = _score(wanted, row, name_score, texts)
            if score >= SCORE_MIN:
                yield score, row


def _score(wanted: WantedAddress, row: _Row, name_score: float, texts: dict[str, float]) -> float:
    """0 to 100: the street's name counts most, then number, ZIP, kind and direction, unit, city."""
    score = 100 - 1.2 * (100 - name_score)
    score -= _number_loss(wanted, row[_STREET])
    street = row[_STREET]
    if street not in texts:
        texts[street] = fuzz.token_set_ratio(" ".join(wanted.words), street.upper())
    score -= 0.04 * (100 - texts[street])
    if wanted.zip_code and row[_ZIP][:5] != wanted.zip_code:
        score -= 12
    score -= _unit_loss(wanted.unit, unit_text(row[_LINE2]))
    if wanted.rest and row[_CITY]:
        score -= 0.08 * (100 - fuzz.partial_ratio(wanted.rest, row[_CITY].upper()))
    return round(max(score, 0.0), 1)


def _number_loss(wanted: WantedAddress, street: str) -> float:
    first = street.partition(" ")[0]
    number = str(wanted.house_number)
    if first == number:
        return 0
    return (
        3 if first.startswith(number) and not first.isdecimal() else 8 + OSA.distance(first, number)
    )


def _unit_loss(wanted: str, found: str) -> float:
    if wanted == found:
        return 0
    if not wanted:
        # The house is right; which of its units is meant was not said.
        return 2
    return 6 if not found else 10


def _published(score: float, row: _Row) -> FoundAddress:
    esi_id, tdsp_code, *others = row
    names = (
        *("status", "street", "street_line2", "city", "state", "zip_code", "county"),
        *("read_cycle", "premise_type", "is_metered", "has_switch_hold"),
    )
    point = ServicePoint(
        esi_id=EsiId(esi_id),
        tdsp_code=TdspCode(tdsp_code),
        **dict(zip(names, others, strict=True)),
    )
    return FoundAddress(point=point, score=score)

"""What a tariff file says (docs/formats/tariffs.md); what a row means is ``rating``'s."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ossrep.product.domain.fields import Fields, Problem, items_of
from ossrep.rating import InvalidTariff, TariffRow, parse_tariff_rows

CONFIDENCES = ("tariff", "quoted", "third_party", "unverified", "carried_forward")
_OWN_FIELDS = ("source", "confidence")
_CODE_LENGTH_MAX = 20
_LABEL_LENGTH_MAX = 120


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """One charge of a TDSP's rate class."""

    tdsp_code: str
    rate_class: str
    charge_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffEntry:
    """One row of a file: where it stands, what it says, and how sure one is of it."""

    path: str
    key: SeriesKey
    position: int
    row: TariffRow
    source: str
    confidence: str


def read_tariff_file(
    *, data: Any, known_tdsps: Collection[str], problems: list[Problem]
) -> list[TariffEntry]:
    """The rows of a file's content; nothing of it counts when ``problems`` is not empty."""
    top = Fields(data, path="", problems=problems, required=["tariffs"])
    if not top.has("tariffs"):
        return []
    entries: list[TariffEntry] = []
    seen: dict[tuple[str, str], str] = {}
    for path, tariff in items_of(top.raw("tariffs"), path="tariffs", problems=problems):
        found = _tariff(tariff, path, known_tdsps, problems)
        for key in {(entry.key.tdsp_code, entry.key.rate_class) for entry in found}:
            if key in seen:
                problems.append(Problem(path, f"{' '.join(key)} stands at {seen[key]} too"))
            seen.setdefault(key, path)
        entries += found
    return entries


def _tariff(
    data: Any, path: str, known_tdsps: Collection[str], problems: list[Problem]
) -> list[TariffEntry]:
    fields = Fields(
        data,
        path=path,
        problems=problems,
        required=["tdsp", "rate_class", "source", "confidence", "rows"],
    )
    tdsp = fields.text("tdsp", length_max=20)
    if tdsp and tdsp not in known_tdsps:
        fields.refuse("tdsp", f"no TDSP has the code {tdsp!r}; see manage.py market list-tdsps")
    rate_class = fields.text(
        "rate_class", length_max=40, pattern=r"[a-z0-9_]+", hint="small letters, digits and _"
    )
    source = fields.text("source", length_max=300)
    confidence = fields.choice("confidence", choices=CONFIDENCES)
    if not fields.has("rows"):
        return []
    raw_rows = list(items_of(fields.raw("rows"), path=fields.at("rows"), problems=problems))
    if not all(isinstance(row, Mapping) for _, row in raw_rows):
        fields.refuse("rows", "must be a list of mappings")
        return []
    return [
        TariffEntry(
            path=row_path,
            key=SeriesKey(tdsp, rate_class, row.code),
            position=position,
            row=row,
            source=_own(raw, row_path, problems).get("source", source),
            confidence=_own(raw, row_path, problems).get("confidence", confidence),
        )
        for position, ((row_path, raw), row) in enumerate(
            zip(raw_rows, _rows(raw_rows, path, problems), strict=False)
        )
    ]


def _rows(
    raw_rows: list[tuple[str, Any]], path: str, problems: list[Problem]
) -> tuple[TariffRow, ...]:
    stripped = [{k: v for k, v in row.items() if k not in _OWN_FIELDS} for _, row in raw_rows]
    try:
        rows = parse_tariff_rows(stripped)
    except InvalidTariff as refusal:
        problems += [Problem(f"{path}.{at}", message) for at, message in refusal.problems]
        return ()
    for (row_path, _), row in zip(raw_rows, rows, strict=True):
        if len(row.code) > _CODE_LENGTH_MAX:
            problems.append(
                Problem(f"{row_path}.code", f"has more than {_CODE_LENGTH_MAX} characters")
            )
        if len(row.label) > _LABEL_LENGTH_MAX:
            problems.append(
                Problem(f"{row_path}.label", f"has more than {_LABEL_LENGTH_MAX} characters")
            )
    return rows


def _own(raw: Mapping[str, Any], path: str, problems: list[Problem]) -> dict[str, str]:
    own = {name: raw[name] for name in _OWN_FIELDS if raw.get(name) is not None}
    fields = Fields(own, path=path, problems=problems, required=[], optional=_OWN_FIELDS)
    if "source" in own:
        fields.text("source", length_max=300)
    if "confidence" in own:
        fields.choice("confidence", choices=CONFIDENCES)
    return own

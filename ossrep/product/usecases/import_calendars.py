"""Brings shared time-of-use calendars and holiday lists into the book."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ossrep.infra.yaml_files import YamlFile, read_yaml
from ossrep.product.db import connection, transaction
from ossrep.product.domain.fields import Fields, InvalidFile, Problem
from ossrep.product.domain.shared_names import Kind
from ossrep.product.models import SharedDefinition
from ossrep.product.queries.shared_definitions import get_shared_definitions
from ossrep.rating import InvalidPlan, parse_plan

NAME_LENGTH_MAX = 60
_FIELD_KINDS: tuple[tuple[str, Kind], ...] = (("holidays", "holidays"), ("calendars", "calendar"))


@dataclass(frozen=True, slots=True)
class SharedImported:
    """What became of one shared definition: its newest version, and whether that is new."""

    kind: str
    name: str
    version: int
    is_new: bool


def import_calendars(*, path: Path) -> list[SharedImported]:
    """Adds a version of each calendar or holiday list of the file that is new or changed.

    All or none; the same content changes nothing. Published plans keep the version they took.
    ``InvalidFile`` tells every problem with line and field.
    """
    file = read_yaml(path=path)
    problems: list[Problem] = []
    fields = Fields(
        file.data,
        path="",
        problems=problems,
        required=["effective"],
        optional=["holidays", "calendars"],
    )
    effective = fields.date("effective")
    if not problems:
        problems += _name_problems(file.data)
        problems += _meaning_problems(file.data, effective)
    with transaction():
        with connection().cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('product.shared'))")
        outcomes = [] if problems else list(_take_all(file, effective, problems))
        if problems:
            raise InvalidFile(problems, locate=file.where, line_of=file.line_of)
    return outcomes


def _take_all(
    file: YamlFile, effective: dt.date, problems: list[Problem]
) -> Iterator[SharedImported]:
    for field, kind in _FIELD_KINDS:
        for name, definition in (file.data.get(field) or {}).items():
            newest = SharedDefinition.objects.filter(kind=kind, name=name).last()
            if newest is not None and newest.definition == definition:
                yield SharedImported(kind, name, newest.version, False)
                continue
            if newest is not None and effective <= newest.effective_date:
                problems.append(
                    Problem(
                        f"{field}.{name}",
                        f"version {newest.version} is in force from {newest.effective_date} and "
                        "says otherwise; a change needs a later 'effective'",
                    )
                )
                continue
            version = newest.version + 1 if newest else 1
            SharedDefinition.objects.create(
                kind=kind,
                name=name,
                version=version,
                effective_date=effective,
                definition=definition,
                source_name=file.name[-300:],
            )
            yield SharedImported(kind, name, version, True)


def _name_problems(data: Mapping[str, Any]) -> Iterator[Problem]:
    if not any(data.get(field) for field, _ in _FIELD_KINDS):
        yield Problem("", "holds neither holidays nor calendars")
    for field, _ in _FIELD_KINDS:
        named = data.get(field)
        for name in named if isinstance(named, Mapping) else ():
            if not 0 < len(name) <= NAME_LENGTH_MAX:
                yield Problem(f"{field}.{name}", f"a name has 1 to {NAME_LENGTH_MAX} characters")


def _meaning_problems(data: Mapping[str, Any], effective: dt.date) -> list[Problem]:
    """What ``rating`` says of the definitions, read in a plan around them."""
    shared = get_shared_definitions(on=effective)
    probe: dict[str, Any] = {
        "plan": "SHARED",
        "name": "shared",
        "brand": "SHARED",
        "product_type": "fixed",
        "customer_class": "residential",
        "term_months": 0,
        "components": [{"kind": "delivery", "code": "delivery"}],
        **{name: data[name] for name in ("holidays", "calendars") if data.get(name)},
    }
    try:
        parse_plan(
            document=probe,
            shared_holidays={
                name: [dt.date.fromisoformat(date) for date in version.definition]
                for (kind, name), version in shared.items()
                if kind == "holidays"
            },
        )
    except InvalidPlan as refusal:
        return [Problem(path, message) for path, message in refusal.problems]
    return []

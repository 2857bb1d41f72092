"""Brings the brands of a file into the book."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from ossrep.infra.yaml_files import read_yaml
from ossrep.product.db import transaction
from ossrep.product.domain.brand_file import BrandEntry, read_brand_file
from ossrep.product.domain.fields import InvalidFile, Problem
from ossrep.product.models import Brand


@dataclass(frozen=True, slots=True)
class BrandsImported:
    """Codes of the brands that were new, changed, and as before."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


def import_brands(*, path: Path) -> BrandsImported:
    """Adds or changes the brands of a YAML file, all or none; the same content changes nothing.

    ``InvalidYaml`` and ``InvalidFile`` tell file, line, field and what to mend.
    """
    file = read_yaml(path=path)
    problems: list[Problem] = []
    entries = read_brand_file(data=file.data, problems=problems)
    if problems:
        raise InvalidFile(problems, locate=file.where, line_of=file.line_of)
    with transaction():
        outcomes = [(entry.code, _take(entry)) for entry in entries]
    return BrandsImported(
        added=tuple(code for code, outcome in outcomes if outcome == "added"),
        changed=tuple(code for code, outcome in outcomes if outcome == "changed"),
        unchanged=tuple(code for code, outcome in outcomes if outcome == "unchanged"),
    )


def _take(entry: BrandEntry) -> str:
    values = {**dataclasses.asdict(entry), "address_lines": list(entry.address_lines)}
    brand = Brand.objects.select_for_update().filter(code=entry.code).first()
    if brand is None:
        Brand.objects.create(**values)
        return "added"
    if all(getattr(brand, name) == value for name, value in values.items()):
        return "unchanged"
    for name, value in values.items():
        setattr(brand, name, value)
    brand.save()
    return "changed"

"""Finding what a person means by a plan: a code, a code and version, or a file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ossrep.infra.yaml_files import YamlFile, read_yaml
from ossrep.kernel.errors import DomainError
from ossrep.product.domain.fields import InvalidFile, Problem
from ossrep.product.domain.plan_content import label_date_of, read_plan
from ossrep.product.domain.shared_names import resolve_shared_names
from ossrep.product.models import PlanDraft, PlanVersion
from ossrep.product.queries.shared_definitions import get_shared_definitions
from ossrep.rating import Plan


class UnknownPlanSource(DomainError):
    """Neither a file nor a plan of the book."""

    code = "unknown_plan_source"


@dataclass(frozen=True, slots=True)
class PlanSource:
    """A plan as found: ``title`` for people, the file's text, and its document.

    ``document`` stands alone: shared calendars are in it. ``file`` knows the lines of a plan
    that was read from a file.
    """

    title: str
    status: str
    text: str
    document: Mapping[str, Any]
    file: YamlFile | None = None

    def where(self, path: str) -> str:
        """The place of a field."""
        return self.file.where(path) if self.file else f"{self.title}: {path}".rstrip(": ")


def find_plan_source(*, named: str, as_of: dt.date) -> PlanSource:
    """``PLAN`` (its draft, else its newest version), ``PLAN@3``, or the path of a YAML file."""
    if named.endswith((".yaml", ".yml")):
        file = read_yaml(path=Path(named))
        if not isinstance(file.data, dict):
            raise InvalidFile(
                [Problem("", "must be a mapping of fields")],
                locate=file.where,
                line_of=file.line_of,
            )
        return PlanSource(named, "file", file.text, _resolved(file.data, as_of), file)
    found = re.fullmatch(r"([A-Z0-9-]+)(?:@([0-9]{1,9}))?", named)
    if not found:
        raise UnknownPlanSource(f"{named!r} is no plan code, PLAN@VERSION or YAML file")
    return _stored(found[1], int(found[2]) if found[2] else None, as_of)


def read_plan_source(*, source: PlanSource) -> Plan:
    """What the plan means; ``InvalidFile`` with every problem where it means nothing."""
    problems: list[Problem] = []
    plan = read_plan(document=source.document, problems=problems)
    if plan is None:
        raise InvalidFile(problems, locate=source.where)
    return plan


def _stored(code: str, version: int | None, as_of: dt.date) -> PlanSource:
    draft = PlanDraft.objects.filter(plan__code=code).first()
    if draft is not None and version in (None, draft.version):
        title = f"{code} version {draft.version}"
        document = _resolved(draft.source_document, as_of)
        return PlanSource(title, "draft", draft.source_text, document)
    versions = PlanVersion.objects.filter(plan__code=code)
    if version is not None:
        versions = versions.filter(version=version)
    row = versions.order_by("version").last()
    if row is None:
        what = f"{code} version {version}" if version else code
        raise UnknownPlanSource(f"there is no plan {what}; see manage.py product list")
    title = f"{code} version {row.version}"
    return PlanSource(title, row.status, row.source_text, row.document)


def _resolved(document: Mapping[str, Any], as_of: dt.date) -> Mapping[str, Any]:
    shared = get_shared_definitions(on=label_date_of(document) or as_of)
    return resolve_shared_names(document=document, shared=shared).document

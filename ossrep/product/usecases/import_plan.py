"""Brings a plan file into the book as a draft."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ossrep.infra.yaml_files import YamlFile, read_yaml
from ossrep.product.db import transaction
from ossrep.product.domain.fields import InvalidFile, Problem
from ossrep.product.domain.plan_content import content_sha256, label_date_of, read_plan
from ossrep.product.domain.shared_names import resolve_shared_names
from ossrep.product.models import Brand, Plan, PlanDraft
from ossrep.product.queries.shared_definitions import get_shared_definitions
from ossrep.rating import Plan as PlanMeaning

Outcome = Literal["draft", "draft changed", "draft discarded", "unchanged"]


@dataclass(frozen=True, slots=True)
class PlanImported:
    """What became of a file: the plan, the version it now stands as, and what changed."""

    plan_code: str
    version: int
    outcome: Outcome


def import_plan(*, path: Path, as_of: dt.date) -> PlanImported:
    """Reads a plan file and keeps it as the plan's draft.

    The same content as the newest version, published or draft, changes nothing; other content
    than the newest published version becomes the draft of the next one. A draft whose file went
    back to what is published is discarded. ``InvalidFile`` tells every problem with its line and
    field path.
    """
    file = read_yaml(path=path)
    problems: list[Problem] = []
    meaning = _read(file, problems, as_of)
    with transaction():
        plan = None if meaning is None else _plan_row(meaning, problems)
        if problems or plan is None or meaning is None:
            raise InvalidFile(problems, locate=file.where, line_of=file.line_of)
        return _keep(plan, meaning, file)


def _read(file: YamlFile, problems: list[Problem], as_of: dt.date) -> PlanMeaning | None:
    if not isinstance(file.data, dict):
        problems.append(Problem("", "must be a mapping of fields"))
        return None
    shared = get_shared_definitions(on=label_date_of(file.data) or as_of)
    resolved = resolve_shared_names(document=file.data, shared=shared)
    return read_plan(document=resolved.document, problems=problems)


def _plan_row(meaning: PlanMeaning, problems: list[Problem]) -> Plan | None:
    brand = Brand.objects.filter(code=meaning.brand).first()
    if brand is None:
        problems.append(
            Problem("brand", f"no brand has the code {meaning.brand!r}; import it first")
        )
        return None
    plan, _ = Plan.objects.select_related("brand").get_or_create(
        code=meaning.code, defaults={"brand": brand}
    )
    if plan.brand_id != brand.pk:
        problems.append(Problem("plan", f"{plan.code} is a plan of brand {plan.brand.code}"))
        return None
    return Plan.objects.select_for_update().get(pk=plan.pk)


def _keep(plan: Plan, meaning: PlanMeaning, file: YamlFile) -> PlanImported:
    digest = content_sha256(file.data)
    newest = plan.versions.order_by("version").last()
    draft = PlanDraft.objects.filter(plan=plan).first()
    if draft is not None and draft.content_sha256 == digest:
        return PlanImported(plan.code, draft.version, "unchanged")
    if newest is not None and newest.content_sha256 == digest:
        if draft is None:
            return PlanImported(plan.code, newest.version, "unchanged")
        draft.delete()
        return PlanImported(plan.code, newest.version, "draft discarded")
    outcome: Outcome = "draft changed" if draft else "draft"
    version = newest.version + 1 if newest else 1
    draft = draft or PlanDraft(plan=plan, version=version)
    draft.name = meaning.name
    draft.product_type = meaning.product_type
    draft.customer_class = meaning.customer_class
    draft.term_months = meaning.term_months
    draft.source_name = file.name[-300:]
    draft.source_text = file.text
    draft.source_document = file.data
    draft.content_sha256 = digest
    draft.save()
    return PlanImported(plan.code, version, outcome)

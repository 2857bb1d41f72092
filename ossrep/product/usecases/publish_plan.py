"""Publishes a draft: from then on the version can be sold and never changes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from ossrep.infra import outbox
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import PlanVersionId
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.product.db import ALIAS, transaction
from ossrep.product.domain.fields import Problem
from ossrep.product.domain.plan_content import label_date_of, read_plan
from ossrep.product.domain.shared_names import ResolvedDocument, resolve_shared_names
from ossrep.product.models import Plan, PlanDraft, PlanVersion
from ossrep.product.queries.labels import Label, compute_label
from ossrep.product.queries.shared_definitions import get_shared_definitions
from ossrep.published.product import PlanVersionPublished
from ossrep.rating import Plan as PlanMeaning


class UnknownPlan(DomainError):
    """No plan has this code."""

    code = "unknown_plan"


class NothingToPublish(DomainError):
    """The plan has no draft, and its newest version is not on sale."""

    code = "nothing_to_publish"


class PlanNotPublishable(DomainError):
    """The draft no longer reads as a plan, for instance because a shared calendar is missing."""

    code = "plan_not_publishable"


class LabelDiffers(DomainError):
    """Average prices that the plan prints are not those that its components give."""

    code = "label_differs"


@dataclass(frozen=True, slots=True)
class PlanPublished:
    """The version on sale, whether it became so now, and its label where one was computed."""

    plan_version_id: PlanVersionId
    plan_code: str
    version: int
    is_new: bool
    label: Label | None


def publish_plan(
    *, plan_code: str, as_of: dt.datetime, label_date: dt.date | None = None
) -> PlanPublished:
    """Publishes a plan's draft and tells it (``product.plan-version-published.v1``).

    Shared calendars are written into the document, in the version in force on the label's date
    (``label_date``, else the plan's own, else the local date of ``as_of``). Without a draft the
    newest version on sale is given back unchanged. ``LabelDiffers`` where stored average prices,
    as printed, are not the computed ones, or cannot be computed.
    """
    with transaction():
        plan = lock_plan(plan_code)
        draft = PlanDraft.objects.filter(plan=plan).first()
        if draft is None:
            return _published_before(plan)
        where = f"{plan_code} version {draft.version}"
        date = label_date or label_date_of(draft.source_document)
        resolved = _resolve(draft, date or as_of.astimezone(MARKET_ZONE).date(), label_date)
        meaning = _meaning(resolved, where)
        label = _checked_label(meaning, where)
        version = _write(draft, resolved, label, as_of)
        outbox.append(context=ALIAS, event=_event(plan, version))
    return PlanPublished(PlanVersionId(version.pk), plan.code, version.version, True, label)


def _published_before(plan: Plan) -> PlanPublished:
    newest = plan.versions.order_by("version").last()
    if newest is None or newest.retired_at is not None:
        raise NothingToPublish(f"plan {plan.code} has no draft: import a changed file first")
    return PlanPublished(PlanVersionId(newest.pk), plan.code, newest.version, False, None)


def lock_plan(plan_code: str) -> Plan:
    """The plan's row, locked until the transaction ends; ``UnknownPlan`` where there is none."""
    plan = Plan.objects.select_for_update(of=("self",)).select_related("brand")
    found = plan.filter(code=plan_code).first()
    if found is None:
        raise UnknownPlan(f"no plan has the code {plan_code!r}")
    return found


def _resolve(draft: PlanDraft, shared_on: dt.date, label_date: dt.date | None) -> ResolvedDocument:
    document: dict[str, Any] = dict(draft.source_document)
    if label_date is not None:
        document["efl"] = {**(document.get("efl") or {}), "label_date": label_date.isoformat()}
    return resolve_shared_names(document=document, shared=get_shared_definitions(on=shared_on))


def _meaning(resolved: ResolvedDocument, where: str) -> PlanMeaning:
    problems: list[Problem] = []
    meaning = read_plan(document=resolved.document, problems=problems)
    if meaning is None:
        told = "; ".join(f"{p.path}: {p.message}" for p in problems)
        raise PlanNotPublishable(told, where=where)
    return meaning


def _checked_label(meaning: PlanMeaning, where: str) -> Label | None:
    efl = meaning.efl
    if efl is None:
        return None
    if efl.tdsp is None or efl.rate_class is None or efl.label_date is None:
        if efl.average_prices_cents:
            raise LabelDiffers(
                "average prices are stored, but the label lacks tdsp, rate_class or label_date",
                where=f"{where}: efl",
            )
        return None
    label = compute_label(
        plan=meaning,
        tdsp_code=efl.tdsp,
        rate_class=efl.rate_class,
        label_date=efl.label_date,
    )
    if efl.average_prices_cents and not label.agrees:
        raise LabelDiffers(_differences(label), where=f"{where}: efl.average_prices_cents")
    return None if label.refusal else label


def _differences(label: Label) -> str:
    if label.refusal:
        return f"the stored average prices cannot be computed: {label.refusal}"
    told = ", ".join(
        f"{line.kwh} kWh: stored {line.stored_cents}, computed {line.printed_cents} "
        f"({line.four_decimals})"
        for line in label.lines
        if not line.agrees
    )
    return f"{told}; cents per kWh with {label.tdsp_code} {label.rate_class} on {label.label_date}"


def _write(
    draft: PlanDraft, resolved: ResolvedDocument, label: Label | None, as_of: dt.datetime
) -> PlanVersion:
    version = PlanVersion.objects.create(
        plan=draft.plan,
        version=draft.version,
        name=draft.name,
        product_type=draft.product_type,
        customer_class=draft.customer_class,
        term_months=draft.term_months,
        source_name=draft.source_name,
        source_text=draft.source_text,
        source_document=draft.source_document,
        content_sha256=draft.content_sha256,
        document=resolved.document,
        resolved_from=[
            {"kind": taken.kind, "name": taken.name, "version": taken.version}
            for taken in resolved.taken
        ],
        efl_prices=None if label is None else label_document(label),
        published_at=as_of,
    )
    draft.delete()
    return version


def label_document(label: Label) -> dict[str, Any]:
    """A label as JSON; cents as decimal strings."""
    return {
        "tdsp": label.tdsp_code,
        "rate_class": label.rate_class,
        "label_date": label.label_date.isoformat(),
        "prices": [
            {
                "kwh": line.kwh,
                "printed_cents": str(line.printed_cents),
                "four_decimals_cents": str(line.four_decimals),
            }
            for line in label.lines
        ],
    }


def _event(plan: Plan, version: PlanVersion) -> PlanVersionPublished:
    return PlanVersionPublished(
        plan_version_id=version.pk,
        plan_code=plan.code,
        version=version.version,
        name=version.name,
        brand_code=plan.brand.code,
    )

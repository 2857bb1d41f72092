"""``manage.py product efl``."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.product.queries.labels import Label, labels_of
from ossrep.product.queries.plan_sources import find_plan_source, read_plan_source

HELP = "Computes the average prices of a plan's Electricity Facts Label by the code that bills."


class NoLabel(DomainError):
    """No label could be computed, or a stored price differs from the computed one."""

    code = "no_label"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("plan", metavar="PLAN", help="PLAN, PLAN@VERSION or a YAML file")
    parser.add_argument(
        "--tdsp", metavar="CODE", help="default: the label's own, else every TDSP with a tariff"
    )
    parser.add_argument("--rate-class", metavar="CLASS", help="default: the label's own")
    parser.add_argument(
        "--label-date",
        type=dt.date.fromisoformat,
        metavar="DATE",
        help="date whose delivery tariff counts; default: the label's own, else today",
    )
    parser.add_argument("--json", action="store_true", help="one JSON line for each TDSP")


def handle(options: Namespace, out: OssrepCommand) -> None:
    today = clock.market_today()
    source = find_plan_source(named=options.plan, as_of=today)
    labels = labels_of(
        plan=read_plan_source(source=source),
        tdsp_code=options.tdsp,
        rate_class=options.rate_class,
        label_date=options.label_date,
        today=today,
    )
    if options.json:
        for label in labels:
            out.json_line(plan=source.title, **_document(label))
    else:
        _show(labels, out)
    _complain(labels, source.title)


def _document(label: Label) -> dict[str, object]:
    return {
        "tdsp": label.tdsp_code,
        "rate_class": label.rate_class,
        "label_date": label.label_date.isoformat(),
        "prices": [
            {
                "kwh": line.kwh,
                "printed_cents": str(line.printed_cents),
                "four_decimals_cents": str(line.four_decimals),
                "stored_cents": None if line.stored_cents is None else str(line.stored_cents),
            }
            for line in label.lines
        ],
        "refusal": label.refusal,
    }


def _show(labels: list[Label], out: OssrepCommand) -> None:
    out.table(
        columns=[
            "TDSP",
            "rate class",
            "label date",
            "kWh",
            "cents per kWh",
            "to 4 decimals",
            "stored",
        ],
        rows=[
            (
                label.tdsp_code,
                label.rate_class,
                label.label_date,
                line.kwh,
                line.printed_cents,
                line.four_decimals,
                line.stored_cents,
            )
            for label in labels
            for line in label.lines
        ],
    )


def _complain(labels: list[Label], title: str) -> None:
    told = [f"{title}, {label.tdsp_code}: {label.refusal}" for label in labels if label.refusal]
    told += [
        f"{title}, {label.tdsp_code}: at {line.kwh} kWh the plan prints {line.stored_cents}, "
        f"its components give {line.printed_cents}"
        for label in labels
        for line in label.lines
        if not line.agrees
    ]
    if not labels:
        told.append(f"{title}: no TDSP has a tariff of this rate class in force on the date")
    if told:
        raise NoLabel("\n".join(told))

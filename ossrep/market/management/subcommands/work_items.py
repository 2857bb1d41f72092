"""``manage.py market work-items``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel import clock
from ossrep.market.domain.deadlines import local_text
from ossrep.market.queries.work_items import WorkItemLine, list_work_items
from ossrep.market.usecases.work_items import (
    assign_work_items,
    note_work_item,
    resolve_work_items,
)

HELP = "What waits for a person: list, show, assign, note, resolve."
LIMIT = 100


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "action", nargs="?", default="list", choices=["list", "show", "assign", "note", "resolve"]
    )
    parser.add_argument("items", nargs="*", type=int, metavar="ITEM", help="their numbers")
    parser.add_argument("--kind", help="only this kind, such as answer-late")
    parser.add_argument("--esi-id", help="only of this ESI ID")
    parser.add_argument("--assignee", help="only of this person; with assign: whose it becomes")
    parser.add_argument("--text", default="", help="the note, or what was done")
    parser.add_argument("--by", default="", help="who says so")
    parser.add_argument("--limit", type=int, default=LIMIT)
    parser.add_argument("--json", action="store_true", help="one JSON line for each item")


def handle(options: Namespace, out: OssrepCommand) -> None:
    if options.action in ("list", "show"):
        _list(options, out)
    elif options.action == "assign":
        done = assign_work_items(item_ids=options.items, assignee=options.assignee or "")
        out.stdout.write(f"{done} assigned")
    elif options.action == "note":
        for item_id in options.items:
            note_work_item(
                item_id=item_id, text=options.text, written_by=options.by, now=clock.now()
            )
        out.stdout.write(f"{len(options.items)} noted")
    else:
        done = resolve_work_items(
            item_ids=options.items, resolution=options.text, resolved_by=options.by, now=clock.now()
        )
        out.stdout.write(f"{done} resolved")


def _list(options: Namespace, out: OssrepCommand) -> None:
    lines = list_work_items(
        kind=options.kind, assignee=options.assignee, esi_id=options.esi_id, limit=options.limit
    )
    if options.items:
        lines = [line for line in lines if line.item_id in options.items]
    if options.json:
        for line in lines:
            out.json_line(**_json(line))
    elif options.action == "show":
        for line in lines:
            out.stdout.write(_page(line))
    else:
        out.table(
            columns=["number", "kind", "due (Central)", "risk USD", "ESI ID", "what", "whose"],
            rows=[
                (
                    line.item_id,
                    line.kind,
                    local_text(line.due_at) if line.due_at else "",
                    line.money_at_risk_usd if line.money_at_risk_usd is not None else "",
                    line.esi_id,
                    line.title,
                    line.assignee,
                )
                for line in lines
            ],
        )


def _json(line: WorkItemLine) -> dict[str, object]:
    return {
        "number": line.item_id,
        "kind": line.kind,
        "title": line.title,
        "esi_id": line.esi_id,
        "reference": line.reference,
        "assignee": line.assignee,
        "opened_at": line.opened_at.isoformat(),
        "due_at": line.due_at.isoformat() if line.due_at else None,
        "money_at_risk_usd": None
        if line.money_at_risk_usd is None
        else str(line.money_at_risk_usd),
        "text": line.text,
        "send_via": line.send_via,
        "text_to_send": line.text_to_send,
    }


def _page(line: WorkItemLine) -> str:
    parts = [f"{line.item_id}: {line.title}", line.text]
    if line.text_to_send:
        parts.append(f"To send ({line.send_via}):\n{line.text_to_send}")
    return "\n\n".join(parts) + "\n"

"""``manage.py market marketrak``."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.market.domain.deadlines import local_text
from ossrep.market.domain.marketrak import MarketrakRefused, Trigger
from ossrep.market.management.arguments import add_as_of, as_of_from
from ossrep.market.queries.marketrak import list_issues
from ossrep.market.usecases.marketrak import SIDES, open_issue, take_issue_step

HELP = "Issues in MarkeTrak, worked by hand: list, open, answer, evidence, escalate, close."
_TRIGGERS = {
    "evidence": Trigger.ADD_EVIDENCE,
    "escalate": Trigger.ESCALATE,
    "close": Trigger.CLOSE,
}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=["list", "open", "answer", *_TRIGGERS])
    parser.add_argument("issue", nargs="?", type=int, help="its number here (first column of list)")
    parser.add_argument("--subtype", default="", help="such as inadvertent_losing")
    parser.add_argument("--side", choices=SIDES, default="record", help="what we are in it")
    parser.add_argument("--esi-id", default="")
    parser.add_argument("--tdsp", default="", help="code of the TDSP")
    parser.add_argument("--number", default="", help="the number that MarkeTrak gave")
    parser.add_argument("--theirs", action="store_true", help="opened (or answered) by them")
    parser.add_argument("--text", default="", help="what was written or done")
    parser.add_argument("--link", action="append", default=[], help="where evidence lies")
    parser.add_argument("--due", metavar="WHEN", help="when the answer is due, if nobody else says")
    parser.add_argument("--order", type=int, help="the order it is about")
    parser.add_argument("--work-item", type=int, help="the work item it came from")
    parser.add_argument("--by", default="", help="who says so")
    parser.add_argument("--all", action="store_true", help="closed ones too")
    parser.add_argument("--json", action="store_true", help="one JSON line for each issue")
    add_as_of(parser)


def handle(options: Namespace, out: OssrepCommand) -> None:
    if options.action == "list":
        _list(options, out)
    elif options.action == "open":
        issue_id = open_issue(
            subtype=options.subtype,
            side=options.side,
            text=options.text,
            now=as_of_from(options),
            written_by=options.by,
            esi_id=options.esi_id,
            tdsp_code=options.tdsp,
            number=options.number,
            is_ours=not options.theirs,
            links=options.link,
            due_at=_due(options),
            order_id=options.order,
            work_item_id=options.work_item,
        )
        out.stdout.write(f"issue {issue_id} opened")
    else:
        _step(options, out)


def _step(options: Namespace, out: OssrepCommand) -> None:
    if options.issue is None:
        raise MarketrakRefused("say which issue; see manage.py market marketrak list")
    answer = Trigger.THEY_ANSWER if options.theirs else Trigger.WE_ANSWER
    state = take_issue_step(
        issue_id=options.issue,
        trigger=_TRIGGERS.get(options.action, answer),
        text=options.text,
        now=as_of_from(options),
        written_by=options.by,
        links=options.link,
        number=options.number,
        due_at=_due(options),
    )
    out.stdout.write(f"issue {options.issue} is {state.replace('_', ' ')}")


def _due(options: Namespace) -> dt.datetime | None:
    return as_of_from(Namespace(as_of=options.due)) if options.due else None


def _list(options: Namespace, out: OssrepCommand) -> None:
    lines = list_issues(esi_id=options.esi_id or None, with_closed=options.all)
    if options.json:
        for line in lines:
            out.json_line(
                issue=line.issue_id,
                number=line.number,
                subtype=line.subtype,
                esi_id=line.esi_id,
                side=line.side,
                state=line.state,
                due_at=line.due_at.isoformat() if line.due_at else None,
            )
        return
    out.table(
        columns=[
            "issue",
            "MarkeTrak",
            "subtype",
            "ESI ID",
            "TDSP",
            "side",
            "state",
            "due (Central)",
        ],
        rows=[
            (
                line.issue_id,
                line.number,
                line.subtype,
                line.esi_id,
                line.tdsp_code,
                line.side,
                line.state.replace("_", " "),
                local_text(line.due_at) if line.due_at else "",
            )
            for line in lines
        ],
    )

"""Gains and losses in error, rescission, and premises that nobody serves: by MarkeTrak and hand."""

from __future__ import annotations

from ossrep.market.domain.processes.engine import (
    Process,
    call,
    command,
    expect,
    late,
    meet,
    message,
    publish,
    rows,
    send,
    take,
    work_item,
)

_ACCEPT = message("814_05", "accept")
_REJECT = message("814_05", "reject")
_ERCOT_REJECT = message("814_17")
_ERCOT_CANCEL = message("814_08")
_UNEXECUTABLE = message("814_28", "unexecutable")
_BEGAN = message("867_04")
_FINAL_READ = message("867_03", "final")


def _return_to_us(kind: str, title: str, source: str, issue: str, code: str) -> Process:
    """A service point that another gained comes back to us by a backdated 814_16."""
    return Process(
        kind=kind,
        title=title,
        source=source,
        first="new",
        states={
            "new": "found out",
            "issue_open": f"MarkeTrak issue ({issue}) open: both retailers have to agree",
            "agreed": "agreed: the backdated move-in is to be sent",
            "sent": f"814_16 with {code} queued; ERCOT or the TDSP has to answer",
            "scheduled": "the TDSP has set the date",
            "to_mend": "the move-in was refused: mend it and send it again, or close the issue",
            "restored": "the service point is ours again",
            "closed": "nothing comes back: the other side refused, or the issue was closed",
        },
        final=frozenset({"restored", "closed"}),
        transitions=(
            *rows(
                "new",
                on=command("open issue"),
                to="issue_open",
                effects=(expect("agreement"), work_item(f"{kind}-issue".replace("_", "-"))),
            ),
            *_AGREEING,
            *_RETURNING,
        ),
        waits={"sent": frozenset({_BEGAN})},
        notes={
            "sent": frozenset({_REJECT, _ERCOT_REJECT}),
            "scheduled": frozenset({_ACCEPT, _REJECT, _ERCOT_REJECT}),
            "to_mend": frozenset({_REJECT, _ERCOT_REJECT, _ERCOT_CANCEL, _UNEXECUTABLE}),
            "restored": frozenset({_ACCEPT, _BEGAN}),
        },
    )


_REFUSED = (meet("814_05"), work_item("return-rejected"))
_UNDONE = (meet("814_05"), meet("867_04"), work_item("return-rejected"))

_AGREEING = (
    *rows(
        "issue_open",
        on=command("agreed"),
        to="agreed",
        effects=(meet("agreement"), call("agreed date"), expect("814_16")),
    ),
    *rows("issue_open", on=late("agreement"), effects=(work_item("answer-late"),)),
    *rows("agreed", on=late("814_16"), effects=(work_item("answer-late"),)),
    *rows(
        "issue_open",
        "agreed",
        "to_mend",
        on=command("close"),
        to="closed",
        effects=(meet("agreement"), meet("814_16")),
    ),
)

_RETURNING = (
    *rows(
        "agreed",
        "to_mend",
        on=command("send"),
        to="sent",
        effects=(meet("814_16"), send("814_16"), expect("814_05")),
    ),
    *rows(
        "sent",
        on=_ACCEPT,
        to="scheduled",
        effects=(
            take("scheduled date"),
            take("service point"),
            meet("814_05"),
            expect("867_04"),
        ),
    ),
    *rows("sent", on=_REJECT, unless={"duplicate"}, to="to_mend", effects=_REFUSED),
    *rows("sent", on=_ERCOT_REJECT, unless={"duplicate"}, to="to_mend", effects=_REFUSED),
    *rows("sent", on=late("814_05"), effects=(work_item("answer-late"),)),
    *rows("sent", "scheduled", on=_ERCOT_CANCEL, to="to_mend", effects=_UNDONE),
    *rows("sent", "scheduled", on=_UNEXECUTABLE, to="to_mend", effects=_UNDONE),
    *rows(
        "scheduled",
        on=_BEGAN,
        to="restored",
        effects=(take("effective date"), meet("867_04"), work_item("service-restored")),
    ),
    *rows("scheduled", on=late("867_04"), effects=(work_item("answer-late"),)),
)

INADVERTENT_LOSS = _return_to_us(
    "inadvertent_loss",
    "Inadvertent loss: another retailer gained our customer in error",
    "RMG 7.3.2, 7.3.2.5, 7.3.3, 7.3.4",
    "Inadvertent Losing",
    "BGN07 IA",
)
RESCISSION_RETURN = _return_to_us(
    "rescission_return",
    "Rescission: our former customer comes back",
    "RMG 7.3.5",
    "Customer Rescission",
    "BGN07 CR",
)


def _give_back(kind: str, title: str, source: str, issue: str) -> Process:
    """A service point that we gained goes back to whom it came from."""
    return Process(
        kind=kind,
        title=title,
        source=source,
        first="new",
        states={
            "new": "found out",
            "discovered": "no disconnect and no move-out of ours; the issue is to be opened",
            "issue_open": f"MarkeTrak issue ({issue}) open: the other retailer has to agree",
            "agreed": "agreed: the other retailer sends the backdated move-in",
            "returned": "the final read has come: it is the other's again",
            "closed": "it stays with us: the other side refused, or the customer wants it so",
        },
        final=frozenset({"returned", "closed"}),
        transitions=(
            *rows(
                "new",
                on=command("discover"),
                to="discovered",
                effects=(work_item(f"{kind}-found".replace("_", "-")),),
            ),
            *rows(
                "discovered",
                on=command("open issue"),
                to="issue_open",
                effects=(expect("agreement"),),
            ),
            *rows("issue_open", on=late("agreement"), effects=(work_item("answer-late"),)),
            *rows(
                "issue_open",
                on=command("agreed"),
                to="agreed",
                effects=(meet("agreement"), call("agreed date"), expect("return")),
            ),
            *rows("agreed", on=late("return"), effects=(work_item("answer-late"),)),
            *rows(
                "discovered",
                "issue_open",
                "agreed",
                on=_FINAL_READ,
                to="returned",
                effects=(
                    take("effective date"),
                    meet("agreement"),
                    meet("return"),
                    publish("contract-lost"),
                ),
            ),
            *rows(
                "discovered",
                "issue_open",
                "agreed",
                on=command("close"),
                to="closed",
                effects=(meet("agreement"), meet("return")),
            ),
        ),
        notes={"returned": frozenset({_FINAL_READ})},
    )


INADVERTENT_GAIN = _give_back(
    "inadvertent_gain",
    "Inadvertent gain: we gained another's customer in error",
    "RMG 7.3.2",
    "Inadvertent Gaining",
)
RESCISSION = _give_back(
    "rescission",
    "Rescission: a customer of ours takes back the switch",
    "RMG 7.3.5",
    "Customer Rescission",
)

LEFT_IN_HOT = Process(
    kind="left_in_hot",
    title="Left in hot: energized without a REP of record",
    source="RMG 7.9",
    first="new",
    states={
        "new": "on a TDSP's list",
        "listed": "one that we know: is it our customer?",
        "claimed": "claimed in writing: the move-in is to be sent",
        "moved_in": "the move-in is sent",
        "not_ours": "not our customer",
        "lapsed": "not claimed in time: the TDSP gives notice and disconnects",
    },
    final=frozenset({"moved_in", "not_ours", "lapsed"}),
    transitions=(
        *rows(
            "new",
            on=command("list"),
            to="listed",
            effects=(expect("claim"), work_item("left-in-hot")),
        ),
        *rows("listed", on=command("claim"), to="claimed"),
        *rows(
            "claimed",
            on=command("move-in sent"),
            to="moved_in",
            effects=(meet("claim"),),
        ),
        *rows("listed", "claimed", on=command("not ours"), to="not_ours", effects=(meet("claim"),)),
        *rows("listed", on=late("claim"), to="lapsed", effects=(work_item("left-in-hot-lapsed"),)),
        *rows("claimed", on=late("claim"), effects=(work_item("answer-late"),)),
    ),
)

"""What the market tells or is asked beside orders: suspension, history, mass transition."""

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

_SUSPEND = message("650_04", "suspend")
_TERMINATE = message("650_04", "terminate")
_REACTIVATE = message("650_04", "reactivate")
_OUTAGE = message("650_04", "outage")

SUSPENSION = Process(
    kind="suspension",
    title="Suspension, termination and outage told by the TDSP",
    source="RMG 7.12.2, 7.12.4, 8.3.2; 650_04, 650_05",
    first="new",
    states={
        "new": "a notice of the TDSP came",
        "suspended": "service is suspended for a while: no move-out may be sent",
        "terminated": "the meter is gone for good: a move-out is owed in ten business days",
        "outage": "an outage with an end in sight",
        "restored": "service is back",
        "moved_out": "the move-out that was owed is sent",
        "refused": "the notice had bad data and was refused by a 650_05",
    },
    final=frozenset({"restored", "moved_out", "refused"}),
    transitions=(
        *rows("new", on=_SUSPEND, to="suspended", effects=(call("dates"),)),
        *rows("new", on=_OUTAGE, to="outage", effects=(call("dates"),)),
        *rows(
            "new",
            "suspended",
            "outage",
            on=_TERMINATE,
            to="terminated",
            effects=(call("dates"), expect("814_24"), call("move-out draft")),
        ),
        *rows("new", "suspended", "outage", on=_REACTIVATE, to="restored"),
        *rows(
            "terminated",
            on=_REACTIVATE,
            to="restored",
            effects=(meet("814_24"), work_item("termination-taken-back")),
        ),
        *rows("suspended", on=_SUSPEND, effects=(call("dates"),)),
        *rows("outage", on=_OUTAGE, effects=(call("dates"),)),
        *rows("suspended", on=_OUTAGE, effects=(call("dates"),)),
        *rows("outage", on=_SUSPEND, to="suspended", effects=(call("dates"),)),
        *rows("terminated", on=command("move-out sent"), to="moved_out", effects=(meet("814_24"),)),
        *rows("terminated", on=late("814_24"), effects=(work_item("answer-late"),)),
        *rows(
            "suspended",
            "outage",
            "terminated",
            on=command("refuse"),
            to="refused",
            effects=(meet("814_24"), send("650_05")),
        ),
    ),
    notes={
        "terminated": frozenset({_SUSPEND, _OUTAGE, _TERMINATE}),
        "restored": frozenset({_SUSPEND, _OUTAGE, _REACTIVATE}),
        "moved_out": frozenset({_SUSPEND, _OUTAGE, _TERMINATE}),
    },
)

_HISTORY_ACCEPTED = message("814_27", "accept")
_HISTORY_REFUSED = message("814_27", "reject")
_HISTORY = message("867_02")

HISTORY = Process(
    kind="history",
    title="Historical usage",
    source="RMG 7.5, 11.2.5.6, 11.2.5.11, Appendix D1 (814_26, 814_27, 867_02)",
    first="new",
    states={
        "new": "not yet sent",
        "sent": "814_26 queued; the TDSP has to answer",
        "accepted": "the TDSP sends the history",
        "received": "the history is here",
        "rejected": "refused",
    },
    final=frozenset({"received", "rejected"}),
    transitions=(
        *rows("new", on=command("start"), to="sent", effects=(send("814_26"), expect("814_27"))),
        *rows(
            "sent",
            on=_HISTORY_ACCEPTED,
            to="accepted",
            effects=(meet("814_27"), expect("867_02")),
        ),
        *rows(
            "sent",
            on=_HISTORY_REFUSED,
            unless={"duplicate"},
            to="rejected",
            effects=(meet("814_27"), work_item("history-rejected")),
        ),
        # The history itself says yes (RMG 11.2.5.11), whichever comes first.
        *rows(
            "sent",
            "accepted",
            on=_HISTORY,
            to="received",
            effects=(meet("814_27"), meet("867_02")),
        ),
        *rows("sent", on=late("814_27"), effects=(work_item("answer-late"),)),
        *rows("accepted", on=late("867_02"), effects=(work_item("answer-late"),)),
    ),
    notes={
        "sent": frozenset({_HISTORY_REFUSED}),
        "received": frozenset({_HISTORY_ACCEPTED, _HISTORY}),
        "rejected": frozenset({_HISTORY_REFUSED}),
    },
)

_GIVEN = message("814_14")
_TAKEN = message("814_11", "notice")
_ERCOT_CANCEL = message("814_08")
_BEGAN = message("867_04")
_FINAL_READ = message("867_03", "final")

TRANSITION_GAIN = Process(
    kind="transition_gain",
    title="Mass transition or acquisition: a service point comes to us",
    source="RMG 7.11.1, 7.11.2, Appendix D1 (814_14)",
    first="new",
    states={
        "new": "an 814_14 came",
        "coming": "ours from the named day on: account and contract have to be made",
        "ours": "service has begun: we are REP of record",
        "cancelled": "it does not come to us after all",
    },
    final=frozenset({"ours", "cancelled"}),
    transitions=(
        *rows(
            "new",
            on=_GIVEN,
            to="coming",
            effects=(
                take("scheduled date"),
                take("service point"),
                expect("867_04"),
                work_item("transition-gain"),
                call("pending move-out"),
            ),
        ),
        *rows("coming", on=_GIVEN, effects=(take("scheduled date"), take("service point"))),
        *rows(
            "coming",
            on=_BEGAN,
            to="ours",
            effects=(take("effective date"), meet("867_04")),
        ),
        *rows("coming", on=late("867_04"), effects=(work_item("answer-late"),)),
        *rows(
            "coming",
            on=_ERCOT_CANCEL,
            to="cancelled",
            effects=(meet("867_04"), work_item("transition-cancelled")),
        ),
        *rows("ours", on=_BEGAN, when={"other date"}, effects=(work_item("start-differs"),)),
    ),
    notes={
        "ours": frozenset({_GIVEN, _BEGAN}),
        "cancelled": frozenset({_GIVEN, _ERCOT_CANCEL}),
    },
)

TRANSITION_LOSS = Process(
    kind="transition_loss",
    title="Mass transition or acquisition: a service point leaves us",
    source="RMG 7.11.1, 7.11.2, Appendix D1 (814_11)",
    first="new",
    states={
        "new": "an 814_11 came",
        "leaving": "another's from the named day on; the final read is to come",
        "lost": "service of ours has ended with the final read",
        "kept": "it stays with us after all",
    },
    final=frozenset({"lost", "kept"}),
    transitions=(
        *rows(
            "new",
            on=_TAKEN,
            to="leaving",
            effects=(
                take("scheduled date"),
                expect("867_03 final"),
                work_item("transition-loss"),
            ),
        ),
        *rows("leaving", on=_TAKEN, effects=(take("scheduled date"),)),
        *rows(
            "leaving",
            on=_FINAL_READ,
            to="lost",
            effects=(
                take("effective date"),
                meet("867_03 final"),
                publish("contract-lost"),
                call("service over"),
            ),
        ),
        *rows("leaving", on=late("867_03 final"), effects=(work_item("answer-late"),)),
        *rows("leaving", on=_ERCOT_CANCEL, to="kept", effects=(meet("867_03 final"),)),
        *rows("lost", on=_FINAL_READ, when={"other date"}, effects=(work_item("end-differs"),)),
    ),
    notes={
        "lost": frozenset({_TAKEN, _FINAL_READ}),
        "kept": frozenset({_TAKEN, _ERCOT_CANCEL}),
    },
)

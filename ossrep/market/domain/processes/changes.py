"""Cancel and date change: requests about an order that is on its way."""

from __future__ import annotations

from ossrep.market.domain.processes.engine import (
    Process,
    command,
    expect,
    late,
    meet,
    message,
    rows,
    send,
    tell,
    work_item,
)

_CANCEL_ACCEPTED = message("814_09", "accept")
_CANCEL_REFUSED = message("814_09", "reject")
_CHANGE_ACCEPTED = message("814_13", "accept")
_CHANGE_REFUSED = message("814_13", "reject")

CANCEL = Process(
    kind="cancel",
    title="Cancel",
    source="RMG 11.2.1.2, 11.2.5.9, 11.3.7, 11.4.10, Appendix D1 (814_08, 814_09)",
    first="new",
    states={
        "new": "not yet sent",
        "sent": "814_08 queued; the TDSP has to answer",
        "accepted": "the order is cancelled",
        "rejected": "the order stands",
        "overtaken": "the order was closed by something else before the answer",
    },
    final=frozenset({"accepted", "rejected", "overtaken"}),
    transitions=(
        *rows("new", on=command("start"), to="sent", effects=(send("814_08"), expect("814_09"))),
        *rows("sent", on=command("resend"), effects=(send("814_08"),)),
        *rows(
            "sent",
            on=_CANCEL_ACCEPTED,
            to="accepted",
            effects=(meet("814_09"), tell(_CANCEL_ACCEPTED)),
        ),
        *rows(
            "sent",
            on=_CANCEL_REFUSED,
            unless={"duplicate"},
            to="rejected",
            effects=(meet("814_09"), tell(_CANCEL_REFUSED), work_item("cancel-rejected")),
        ),
        *rows("sent", on=late("814_09"), effects=(work_item("answer-late"),)),
        *rows("sent", on=command("target closed"), to="overtaken", effects=(meet("814_09"),)),
        # Cancelled and yet completed: the order itself knows that this cannot be.
        *rows("overtaken", on=_CANCEL_ACCEPTED, effects=(tell(_CANCEL_ACCEPTED),)),
    ),
    notes={
        "sent": frozenset({_CANCEL_REFUSED}),
        "accepted": frozenset({_CANCEL_ACCEPTED}),
        "rejected": frozenset({_CANCEL_REFUSED}),
        "overtaken": frozenset({_CANCEL_REFUSED}),
    },
)

DATE_CHANGE = Process(
    kind="date_change",
    title="Date change (moves only)",
    source="RMG 11.2.5.3-5, 11.4.3, 11.4.8, Appendix D1 (814_12, 814_13)",
    first="new",
    states={
        "new": "not yet sent",
        "sent": "814_12 queued; the TDSP has to answer",
        "accepted": "the date holds, unless a later change was accepted, too",
        "rejected": "the former date holds",
        "overtaken": "the order was closed before the answer",
    },
    final=frozenset({"accepted", "rejected", "overtaken"}),
    transitions=(
        *rows("new", on=command("start"), to="sent", effects=(send("814_12"), expect("814_13"))),
        *rows("sent", on=command("resend"), effects=(send("814_12"),)),
        *rows(
            "sent",
            on=_CHANGE_ACCEPTED,
            when={"highest counter"},
            to="accepted",
            effects=(meet("814_13"), tell(_CHANGE_ACCEPTED)),
        ),
        *rows("sent", on=_CHANGE_ACCEPTED, to="accepted", effects=(meet("814_13"),)),
        *rows(
            "sent",
            on=_CHANGE_REFUSED,
            unless={"duplicate"},
            to="rejected",
            effects=(meet("814_13"), tell(_CHANGE_REFUSED), work_item("date-change-rejected")),
        ),
        *rows("sent", on=late("814_13"), effects=(work_item("answer-late"),)),
        *rows("sent", on=command("target closed"), to="overtaken", effects=(meet("814_13"),)),
    ),
    notes={
        "sent": frozenset({_CHANGE_REFUSED}),
        "accepted": frozenset({_CHANGE_ACCEPTED}),
        "rejected": frozenset({_CHANGE_REFUSED}),
        "overtaken": frozenset({_CHANGE_ACCEPTED, _CHANGE_REFUSED}),
    },
)

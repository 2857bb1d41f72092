"""Move-out and loss: a service point leaves us."""

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

_ACCEPT = message("814_25", "accept")
_REJECT = message("814_25", "reject")
_ERCOT_CANCEL = message("814_08")
_CANCEL_ACCEPTED = message("814_09", "accept")
_CANCEL_REFUSED = message("814_09", "reject")
_CHANGE_ACCEPTED = message("814_13", "accept")
_CHANGE_REFUSED = message("814_13", "reject")
_UNEXECUTABLE = message("814_28", "unexecutable")
_FINAL_READ = message("867_03", "final")

_SCHEDULED = (
    take("scheduled date"),
    meet("814_25"),
    expect("867_03 final"),
    publish("move-out-scheduled"),
)
_OVER = (meet("814_25"), meet("867_03 final"), publish("move-out-rejected"))
_ENDED = (
    take("effective date"),
    meet("814_25"),
    meet("867_03 final"),
    publish("move-out-completed"),
    call("service over"),
)
_LATE = frozenset({_CANCEL_REFUSED, _CHANGE_REFUSED, _CHANGE_ACCEPTED})
_LATE_WHEN_GONE = _LATE | {_ACCEPT, _ERCOT_CANCEL, _CANCEL_ACCEPTED, _UNEXECUTABLE, _REJECT}
_OPEN = ("sent", "scheduled")

MOVE_OUT = Process(
    kind="move_out",
    title="Move-out",
    source="RMG 7.16.1, 11.2, 11.4, Appendix D1 (814_24, 814_25, 814_28, 867_03)",
    first="new",
    states={
        "new": "not yet sent",
        "sent": "814_24 queued; ERCOT (up to 48 hours of retries) or the TDSP has to answer",
        "scheduled": "the TDSP has set the last day",
        "force_off": "a move-in of the same day takes its place; the final read is to come",
        "completed": "service has ended with the final read",
        "rejected": "refused by ERCOT or the TDSP",
        "cancelled": "cancelled by us or by ERCOT: service goes on",
        "unexecutable": "could not be executed; a second move-out (2MR) may insist",
    },
    final=frozenset({"completed", "rejected", "cancelled", "unexecutable"}),
    transitions=(
        *rows(
            "new",
            on=command("start"),
            to="sent",
            effects=(send("814_24"), expect("814_25"), call("owed move-out")),
        ),
        *rows("sent", on=command("resend"), effects=(send("814_24"),)),
        *rows("sent", on=_ACCEPT, to="scheduled", effects=_SCHEDULED),
        *rows(
            "sent",
            on=_REJECT,
            when={"new number"},
            to="rejected",
            effects=(meet("814_25"), call("start again")),
        ),
        *rows(
            "sent",
            on=_REJECT,
            unless={"duplicate"},
            to="rejected",
            effects=(*_OVER, work_item("order-rejected")),
        ),
        *rows("sent", on=late("814_25"), effects=(work_item("answer-late"),)),
        *rows("scheduled", on=_ACCEPT, effects=_SCHEDULED),
        *rows(
            "scheduled",
            "force_off",
            on=late("867_03 final"),
            effects=(work_item("answer-late"),),
        ),
        *rows("scheduled", "force_off", on=_FINAL_READ, to="completed", effects=_ENDED),
        *rows(
            *_OPEN,
            on=_ERCOT_CANCEL,
            to="cancelled",
            effects=(*_OVER, work_item("cancelled-by-market")),
        ),
        *rows(*_OPEN, on=_CANCEL_ACCEPTED, to="cancelled", effects=_OVER),
        *rows(
            *_OPEN,
            on=_UNEXECUTABLE,
            when={"force off"},
            to="force_off",
            effects=(meet("814_25"), expect("867_03 final")),
        ),
        *rows(
            *_OPEN,
            on=_UNEXECUTABLE,
            to="unexecutable",
            effects=(*_OVER, work_item("order-unexecutable")),
        ),
        # The read came before the word that a move-in has taken the move-out's place.
        *rows("completed", on=_UNEXECUTABLE, when={"force off"}),
        *rows("sent", on=_CHANGE_ACCEPTED, effects=(take("changed date"),)),
        *rows(
            "scheduled",
            on=_CHANGE_ACCEPTED,
            effects=(take("changed date"), expect("867_03 final"), publish("move-out-scheduled")),
        ),
        *rows(
            "completed", on=_FINAL_READ, when={"other date"}, effects=(work_item("end-differs"),)
        ),
    ),
    waits={"sent": frozenset({_FINAL_READ})},
    notes={
        "sent": frozenset({_REJECT, _CANCEL_REFUSED, _CHANGE_REFUSED}),
        "scheduled": frozenset({_CANCEL_REFUSED, _CHANGE_REFUSED}),
        "force_off": _LATE_WHEN_GONE,
        "completed": _LATE | {_ACCEPT, _FINAL_READ},
        "rejected": _LATE_WHEN_GONE - {_ACCEPT},
        "cancelled": _LATE_WHEN_GONE,
        "unexecutable": _LATE_WHEN_GONE,
    },
)

_LOST = (
    take("effective date"),
    meet("867_03 final"),
    publish("contract-lost"),
    call("service over"),
)
_MOVED = message("814_12")

LOSS = Process(
    kind="loss",
    title="Loss to another retailer",
    source="RMG 11.2.4.1, 11.4.7, Appendix D1 (814_06, 814_12, 814_08, 867_03)",
    first="new",
    states={
        "new": "nothing heard",
        "losing": "814_06 received: another retailer's order is scheduled",
        "lost": "the final read has come: service of ours has ended",
        "kept": "ERCOT has cancelled the other retailer's order",
    },
    final=frozenset({"lost", "kept"}),
    transitions=(
        *rows(
            "new",
            on=message("814_06"),
            to="losing",
            effects=(take("scheduled date"), expect("867_03 final")),
        ),
        *rows(
            "losing",
            on=_MOVED,
            when={"highest counter"},
            effects=(take("changed date"), expect("867_03 final")),
        ),
        *rows("losing", on=_ERCOT_CANCEL, to="kept", effects=(meet("867_03 final"),)),
        *rows("losing", on=_FINAL_READ, to="lost", effects=_LOST),
        *rows("losing", on=late("867_03 final"), effects=(work_item("answer-late"),)),
        *rows("lost", on=_FINAL_READ, when={"other date"}, effects=(work_item("end-differs"),)),
    ),
    waits={"new": frozenset({_MOVED, _ERCOT_CANCEL, _FINAL_READ})},
    notes={
        "losing": frozenset({message("814_06"), _MOVED}),
        "lost": frozenset({message("814_06"), _MOVED, _FINAL_READ}),
        "kept": frozenset({message("814_06"), _MOVED, _ERCOT_CANCEL}),
    },
)

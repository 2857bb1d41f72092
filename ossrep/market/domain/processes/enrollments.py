"""Switch and move-in: we gain a service point."""

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

_FINAL = frozenset({"completed", "rejected", "cancelled", "unexecutable"})

_REFUSED = (
    meet("814_05"),
    meet("permit"),
    publish("enrollment-rejected"),
    work_item("order-rejected"),
)
_AGAIN = (meet("814_05"), meet("permit"), call("start again"))
_CANCELLED = (meet("814_05"), meet("permit"), meet("867_04"), publish("enrollment-cancelled"))
_SCHEDULED = (
    take("scheduled date"),
    take("service point"),
    meet("814_05"),
    meet("permit"),
    expect("867_04"),
    publish("enrollment-accepted"),
)
_BEGUN = (
    take("effective date"),
    meet("867_04"),
    publish("enrollment-completed"),
)

_ACCEPT = message("814_05", "accept")
_REJECT = message("814_05", "reject")
_ERCOT_CANCEL = message("814_08")
_CANCEL_ACCEPTED = message("814_09", "accept")
_CANCEL_REFUSED = message("814_09", "reject")
_CHANGE_ACCEPTED = message("814_13", "accept")
_CHANGE_REFUSED = message("814_13", "reject")
_UNEXECUTABLE = message("814_28", "unexecutable")
_PERMIT = message("814_28", "permit")
_BEGAN = message("867_04")

# What a closed order still hears and need not act on. Not listed, so unexpected: a refusal of
# what was completed, a cancel of what was completed, service that begins on a closed order.
_LATE = frozenset({_ACCEPT, _CANCEL_REFUSED})
_LATE_WHEN_GONE = _LATE | {_REJECT, _ERCOT_CANCEL, _CANCEL_ACCEPTED, _UNEXECUTABLE}

SWITCH = Process(
    kind="switch",
    title="Switch",
    source="RMG 11.2, Appendix D1 (814_01, 814_02, 814_05, 867_04)",
    first="new",
    states={
        "new": "not yet sent",
        "sent": "814_01 queued; ERCOT or the TDSP has to answer",
        "scheduled": "the TDSP has set a date; service has not begun",
        "completed": "service has begun: we are REP of record",
        "rejected": "refused by ERCOT or the TDSP",
        "cancelled": "cancelled by us or by ERCOT",
        "unexecutable": "could not be executed; a new order is needed",
    },
    final=_FINAL,
    transitions=(
        *rows("new", on=command("start"), to="sent", effects=(send("814_01"), expect("814_05"))),
        *rows("sent", on=command("resend"), effects=(send("814_01"),)),
        *rows("sent", on=message("814_02"), when={"new number"}, to="rejected", effects=_AGAIN),
        *rows("sent", on=message("814_02"), unless={"duplicate"}, to="rejected", effects=_REFUSED),
        *rows("sent", on=_ACCEPT, to="scheduled", effects=_SCHEDULED),
        *rows("sent", on=_REJECT, to="rejected", effects=_REFUSED),
        *rows("sent", on=late("814_05"), effects=(work_item("answer-late"),)),
        *rows("scheduled", on=_ACCEPT, effects=_SCHEDULED),
        *rows("scheduled", on=late("867_04"), effects=(work_item("answer-late"),)),
        *rows("scheduled", on=_BEGAN, to="completed", effects=_BEGUN),
        *rows(
            "sent",
            "scheduled",
            on=_ERCOT_CANCEL,
            to="cancelled",
            effects=(*_CANCELLED, work_item("cancelled-by-market")),
        ),
        *rows("sent", "scheduled", on=_CANCEL_ACCEPTED, to="cancelled", effects=_CANCELLED),
        *rows(
            "sent",
            "scheduled",
            on=_UNEXECUTABLE,
            to="unexecutable",
            effects=(*_CANCELLED, work_item("order-unexecutable")),
        ),
        *rows("completed", on=_BEGAN, when={"other date"}, effects=(work_item("start-differs"),)),
        *rows("completed", on=_ACCEPT, effects=(take("service point"),)),
    ),
    waits={"sent": frozenset({_BEGAN})},
    notes={
        "sent": frozenset({message("814_02"), _CANCEL_REFUSED}),
        "scheduled": frozenset({message("814_02"), _CANCEL_REFUSED}),
        "completed": frozenset({_BEGAN, _CANCEL_REFUSED}),
        "rejected": frozenset({message("814_02"), *_LATE_WHEN_GONE} - {_ACCEPT}),
        "cancelled": frozenset({message("814_02"), *_LATE_WHEN_GONE}),
        "unexecutable": frozenset({message("814_02"), *_LATE_WHEN_GONE}),
    },
)

_WAITING = ("sent", "permit_pending")
_OPEN = ("sent", "permit_pending", "scheduled")

MOVE_IN = Process(
    kind="move_in",
    title="Move-in (standard and priority)",
    source="RMG 11.2, 11.3.2, 11.4, Appendix D1 (814_16, 814_17, 814_05, 814_28, 867_04)",
    first="new",
    states={
        "new": "not yet sent",
        "sent": "814_16 queued; ERCOT or the TDSP has to answer",
        "permit_pending": "a permit of the city is awaited; nothing is scheduled",
        "scheduled": "the TDSP has set a date; service has not begun",
        "completed": "service has begun: we are REP of record",
        "rejected": "refused by ERCOT or the TDSP",
        "cancelled": "cancelled by us or by ERCOT, or the permit never came",
        "unexecutable": "could not be executed; a new order is needed",
    },
    final=_FINAL,
    transitions=(
        *rows(
            "new",
            on=command("start"),
            to="sent",
            effects=(send("814_16"), expect("814_05"), call("owed move-in")),
        ),
        *rows("sent", on=command("resend"), effects=(send("814_16"),)),
        *rows("sent", on=message("814_17"), when={"new number"}, to="rejected", effects=_AGAIN),
        *rows("sent", on=message("814_17"), unless={"duplicate"}, to="rejected", effects=_REFUSED),
        *rows(
            "sent",
            on=_PERMIT,
            to="permit_pending",
            effects=(meet("814_05"), expect("permit"), publish("enrollment-permit-pending")),
        ),
        *rows(*_WAITING, on=_ACCEPT, to="scheduled", effects=_SCHEDULED),
        *rows(*_WAITING, on=_REJECT, to="rejected", effects=_REFUSED),
        *rows("sent", on=late("814_05"), effects=(work_item("answer-late"),)),
        *rows("permit_pending", on=late("permit"), effects=(work_item("answer-late"),)),
        *rows("scheduled", on=_ACCEPT, effects=_SCHEDULED),
        *rows("scheduled", on=late("867_04"), effects=(work_item("answer-late"),)),
        *rows("scheduled", on=_BEGAN, to="completed", effects=_BEGUN),
        *rows(
            *_OPEN,
            on=_ERCOT_CANCEL,
            to="cancelled",
            effects=(*_CANCELLED, work_item("cancelled-by-market")),
        ),
        *rows(*_OPEN, on=_CANCEL_ACCEPTED, to="cancelled", effects=_CANCELLED),
        *rows(
            *_OPEN,
            on=_UNEXECUTABLE,
            to="unexecutable",
            effects=(*_CANCELLED, work_item("order-unexecutable")),
        ),
        # RMG 11.4.3: while a permit is pending an accepted change only notes the date.
        *rows("permit_pending", on=_CHANGE_ACCEPTED, effects=(take("requested date"),)),
        *rows("sent", on=_CHANGE_ACCEPTED, effects=(take("changed date"),)),
        *rows(
            "scheduled",
            on=_CHANGE_ACCEPTED,
            effects=(take("changed date"), expect("867_04"), publish("enrollment-accepted")),
        ),
        *rows("completed", on=_BEGAN, when={"other date"}, effects=(work_item("start-differs"),)),
        *rows("completed", on=_ACCEPT, effects=(take("service point"),)),
    ),
    waits={"sent": frozenset({_BEGAN}), "permit_pending": frozenset({_BEGAN})},
    notes={
        "sent": frozenset({message("814_17"), _CANCEL_REFUSED, _CHANGE_REFUSED}),
        "permit_pending": frozenset({message("814_17"), _PERMIT, _CANCEL_REFUSED, _CHANGE_REFUSED}),
        "scheduled": frozenset({message("814_17"), _PERMIT, _CANCEL_REFUSED, _CHANGE_REFUSED}),
        "completed": frozenset(
            {_BEGAN, _PERMIT, _CANCEL_REFUSED, _CHANGE_REFUSED, _CHANGE_ACCEPTED}
        ),
        **{
            gone: frozenset(
                {message("814_17"), _PERMIT, _CHANGE_REFUSED, _CHANGE_ACCEPTED, *_LATE_WHEN_GONE}
            )
            - (frozenset({_ACCEPT}) if gone == "rejected" else frozenset())
            for gone in ("rejected", "cancelled", "unexecutable")
        },
    },
)

"""Service orders of the retailer: disconnect and reconnect for non-pay, switch holds."""

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
    tell,
    work_item,
)

_COMPLETE = message("650_02", "complete")
_REJECT = message("650_02", "reject")
_UNEXECUTABLE = message("650_02", "unexecutable")
_CANCELLED = message("650_02", "cancelled")
_ALL = frozenset({_COMPLETE, _REJECT, _UNEXECUTABLE, _CANCELLED})

_OFF = (
    call("completion"),
    meet("650_02"),
    expect("move-out possible"),
    publish("disconnect-completed"),
)
_NOT_OFF = (meet("650_02"), publish("disconnect-refused"))

DISCONNECT = Process(
    kind="disconnect",
    title="Disconnect for non-payment",
    source="RMG 7.6.2, 7.6.3, 7.6.5, 7.6.6",
    first="new",
    states={
        "new": "our own checks are not done yet",
        "not_sent": "our own checks forbid it (RMG 7.6.3.2)",
        "sent": "650_01 (DC001 or DC005) queued; the TDSP has to answer",
        "cancelling": "paid before the work: a reconnect that cites it is on its way",
        "back": "the reconnect is confirmed and the answer to the disconnect is still to come",
        "disconnected": "the meter is off; the customer is still ours and may pay",
        "reconnected": "the meter was off and is on again",
        "gone": "the meter is off and the service point has left us",
        "rejected": "refused by the TDSP",
        "unexecutable": "could not be executed",
        "cancelled": "not worked because the debt was paid",
    },
    final=frozenset({"not_sent", "reconnected", "gone", "rejected", "unexecutable", "cancelled"}),
    transitions=(
        *rows("new", on=command("start"), to="sent", effects=(send("650_01"), expect("650_02"))),
        *rows("new", on=command("refuse"), to="not_sent", effects=(publish("disconnect-refused"),)),
        *rows("sent", on=command("reconnect"), to="cancelling"),
        *rows("sent", on=_COMPLETE, to="disconnected", effects=_OFF),
        *rows("cancelling", on=_COMPLETE, to="disconnected", effects=(*_OFF, call("reconnect"))),
        *rows(
            "sent",
            on=_REJECT,
            unless={"duplicate"},
            to="rejected",
            effects=(*_NOT_OFF, work_item("disconnect-rejected")),
        ),
        *rows("sent", on=_UNEXECUTABLE, when={"void"}, to="cancelled", effects=_NOT_OFF),
        *rows(
            "sent",
            on=_UNEXECUTABLE,
            to="unexecutable",
            effects=(*_NOT_OFF, work_item("disconnect-unexecutable")),
        ),
        *rows(
            "cancelling", "back", on=_REJECT, unless={"duplicate"}, to="cancelled", effects=_NOT_OFF
        ),
        *rows("cancelling", "back", on=_UNEXECUTABLE, to="cancelled", effects=_NOT_OFF),
        *rows("sent", "cancelling", "back", on=late("650_02"), effects=(work_item("answer-late"),)),
        # The confirmation of the reconnect may overtake that of the disconnect.
        *rows("sent", "cancelling", on=command("reconnected"), to="back"),
        *rows("cancelling", on=command("void"), to="cancelled", effects=_NOT_OFF),
        *rows(
            "back",
            on=_COMPLETE,
            to="reconnected",
            effects=(
                call("completion"),
                meet("650_02"),
                publish("disconnect-completed"),
                publish("reconnect-completed"),
            ),
        ),
        *rows(
            "disconnected",
            on=command("reconnected"),
            to="reconnected",
            effects=(meet("move-out possible"),),
        ),
        # Void, and yet worked: it has to be reconnected all the same.
        *rows("disconnected", on=command("void"), effects=(call("reconnect"),)),
        *rows("disconnected", on=command("gone"), to="gone", effects=(meet("move-out possible"),)),
        *rows(
            "disconnected",
            on=late("move-out possible"),
            effects=(work_item("answer-late"),),
        ),
    ),
    notes={
        "sent": frozenset({_REJECT}),
        "cancelling": frozenset({_REJECT}),
        "back": frozenset({_REJECT}),
        # The RNP has closed it before its own 650_02 came, or the other way round.
        "cancelled": frozenset({_REJECT, _UNEXECUTABLE, command("void"), command("reconnected")}),
        "rejected": frozenset({command("void"), command("reconnected")}),
        "unexecutable": frozenset({command("void"), command("reconnected")}),
        "gone": frozenset({command("reconnected")}),
    },
)

_ON = (call("completion"), meet("650_02 reconnect"))

RECONNECT = Process(
    kind="reconnect",
    title="Reconnect for non-payment",
    source="RMG 7.6.3.4, 7.6.3.7, 7.6.3.8, 7.6.4, 8.3.3.4",
    first="new",
    states={
        "new": "not yet sent",
        "sent": "650_01 (RC001, RC003 or RC005) queued; the TDSP has to answer",
        "cancel_sent": "sent in error: a 650_01 C is on its way",
        "reconnected": "the meter is on",
        "void": "it came before the disconnect was worked: both are void (V005)",
        "rejected": "refused by the TDSP",
        "unexecutable": "could not be executed",
        "cancelled": "taken back before it was worked",
    },
    final=frozenset({"reconnected", "void", "rejected", "unexecutable", "cancelled"}),
    transitions=(
        *rows(
            "new",
            on=command("start"),
            to="sent",
            effects=(send("650_01"), expect("650_02 reconnect")),
        ),
        *rows("sent", on=command("cancel"), to="cancel_sent", effects=(send("650_01 cancel"),)),
        *rows(
            "sent",
            "cancel_sent",
            on=_COMPLETE,
            to="reconnected",
            effects=(*_ON, publish("reconnect-completed"), tell(command("reconnected"))),
        ),
        *rows(
            "sent",
            "cancel_sent",
            on=_UNEXECUTABLE,
            when={"void"},
            to="void",
            effects=(meet("650_02 reconnect"), tell(command("void"))),
        ),
        *rows(
            "sent",
            "cancel_sent",
            on=_UNEXECUTABLE,
            to="unexecutable",
            effects=(meet("650_02 reconnect"), work_item("reconnect-unexecutable")),
        ),
        *rows(
            "sent",
            on=_REJECT,
            unless={"duplicate"},
            to="rejected",
            effects=(meet("650_02 reconnect"), work_item("reconnect-rejected")),
        ),
        *rows("cancel_sent", on=_CANCELLED, to="cancelled", effects=(meet("650_02 reconnect"),)),
        *rows(
            "cancel_sent",
            on=_REJECT,
            unless={"duplicate"},
            to="rejected",
            effects=(meet("650_02 reconnect"), work_item("reconnect-rejected")),
        ),
        *rows(
            "sent",
            "cancel_sent",
            on=late("650_02 reconnect"),
            effects=(work_item("answer-late"),),
        ),
    ),
    notes={
        "sent": frozenset({_REJECT}),
        "cancel_sent": frozenset({_REJECT}),
        "reconnected": frozenset({_REJECT, _CANCELLED}),
        "void": frozenset({_REJECT, _UNEXECUTABLE}),
    },
)


def _hold(kind: str, title: str, purpose: str, done: str, meaning: str) -> Process:
    return Process(
        kind=kind,
        title=title,
        source="RMG 7.16.2, 7.16.3, 7.17.2",
        first="new",
        states={
            "new": "not yet sent",
            "sent": f"650_01 ({purpose}) queued; the TDSP has to answer",
            done: meaning,
            "rejected": "refused by the TDSP",
        },
        final=frozenset({done, "rejected"}),
        transitions=(
            *rows(
                "new",
                on=command("start"),
                to="sent",
                effects=(send("650_01"), expect("650_02 hold")),
            ),
            *rows(
                "sent",
                on=_COMPLETE,
                to=done,
                effects=(call("completion"), meet("650_02 hold"), call("switch hold")),
            ),
            *rows(
                "sent",
                on=_REJECT,
                unless={"duplicate"},
                to="rejected",
                effects=(meet("650_02 hold"), work_item("hold-rejected")),
            ),
            *rows(
                "sent",
                on=_UNEXECUTABLE,
                to="rejected",
                effects=(meet("650_02 hold"), work_item("hold-rejected")),
            ),
            *rows("sent", on=late("650_02 hold"), effects=(work_item("answer-late"),)),
        ),
        notes={"sent": frozenset({_REJECT}), done: frozenset({_REJECT})},
    )


HOLD_ADD = _hold(
    "hold_add",
    "Switch hold: add",
    "SH001",
    "placed",
    "the hold is on: nobody else gains the service point",
)
HOLD_REMOVE = _hold(
    "hold_remove",
    "Switch hold: remove",
    "SH002 or SH003",
    "removed",
    "the hold is off",
)

"""Continuous service agreements (CSA): a landlord's premises come back to us when tenants go."""

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
    take,
    tell,
    work_item,
)

_ACCEPT = message("814_19", "accept")
_REJECT = message("814_19", "reject")
_ERCOT_CANCEL = message("814_08")
_DISPLACED = message("814_18")
_ENDED = message("csa ended")
_CHANGED = message("csa changed")

CSA = Process(
    kind="csa",
    title="Continuous service agreement",
    source="RMG 11.2.5.12-13, 11.4.5-6, 7.19, Appendix D1 (814_18, 814_19)",
    first="new",
    states={
        "new": "not yet sent",
        "sent": "814_18 queued; ERCOT (in some co-op areas the utility, too) has to answer",
        "agreed": "in force from its start to its end date",
        "ended": "deleted by us, or another retailer's agreement took its place",
        "rejected": "refused",
        "cancelled": "ERCOT has cancelled the request",
    },
    final=frozenset({"ended", "rejected", "cancelled"}),
    transitions=(
        *rows("new", on=command("start"), to="sent", effects=(send("814_18"), expect("814_19"))),
        *rows("sent", on=command("resend"), effects=(send("814_18"),)),
        *rows(
            "sent",
            on=_ACCEPT,
            to="agreed",
            effects=(take("scheduled date"), meet("814_19")),
        ),
        *rows(
            "sent",
            on=_REJECT,
            unless={"duplicate"},
            to="rejected",
            effects=(meet("814_19"), work_item("order-rejected")),
        ),
        *rows("sent", on=late("814_19"), effects=(work_item("answer-late"),)),
        *rows(
            "sent",
            on=_ERCOT_CANCEL,
            to="cancelled",
            effects=(meet("814_19"), work_item("cancelled-by-market")),
        ),
        *rows("agreed", on=_ENDED, to="ended"),
        *rows("agreed", on=_CHANGED, effects=(take("changed dates"),)),
        *rows("agreed", on=_DISPLACED, to="ended", effects=(work_item("csa-displaced"),)),
    ),
    waits={"sent": frozenset({_DISPLACED})},
    notes={
        "sent": frozenset({_REJECT}),
        "agreed": frozenset({_ACCEPT}),
        "ended": frozenset({_ACCEPT, _DISPLACED, _ENDED, _CHANGED}),
        "rejected": frozenset({_REJECT, _ERCOT_CANCEL}),
        "cancelled": frozenset({_ACCEPT, _REJECT, _ERCOT_CANCEL}),
    },
)


def _change(kind: str, title: str, done: str) -> Process:
    """A request about an agreement; ``done`` is what the agreement hears when it is accepted."""
    return Process(
        kind=kind,
        title=title,
        source="TX SET 5.0 CC 833, 838, 840; Appendix D1 (814_18, 814_19)",
        first="new",
        states={
            "new": "not yet sent",
            "sent": "814_18 queued; ERCOT has to answer",
            "accepted": "the agreement has followed",
            "rejected": "the agreement stands as it was",
            "cancelled": "ERCOT has cancelled the request",
            "overtaken": "the agreement was over before the answer",
        },
        final=frozenset({"accepted", "rejected", "cancelled", "overtaken"}),
        transitions=(
            *rows(
                "new", on=command("start"), to="sent", effects=(send("814_18"), expect("814_19"))
            ),
            *rows("sent", on=command("resend"), effects=(send("814_18"),)),
            *rows("sent", on=_ACCEPT, to="accepted", effects=(meet("814_19"), tell(done))),
            *rows(
                "sent",
                on=_REJECT,
                unless={"duplicate"},
                to="rejected",
                effects=(meet("814_19"), work_item("order-rejected")),
            ),
            *rows("sent", on=late("814_19"), effects=(work_item("answer-late"),)),
            *rows(
                "sent",
                on=_ERCOT_CANCEL,
                to="cancelled",
                effects=(meet("814_19"), work_item("cancelled-by-market")),
            ),
            *rows("sent", on=command("target closed"), to="overtaken", effects=(meet("814_19"),)),
        ),
        notes={
            "sent": frozenset({_REJECT}),
            "accepted": frozenset({_ACCEPT}),
            "rejected": frozenset({_REJECT, _ERCOT_CANCEL}),
            "cancelled": frozenset({_ACCEPT, _REJECT, _ERCOT_CANCEL}),
            "overtaken": frozenset({_ACCEPT, _REJECT, _ERCOT_CANCEL}),
        },
    )


CSA_CHANGE = _change("csa_change", "Change of a continuous service agreement", _CHANGED)
CSA_DELETE = _change("csa_delete", "Deletion of a continuous service agreement", _ENDED)

_MOVED = message("814_12")
_BEGAN = message("867_04")

CSA_RETURN = Process(
    kind="csa_return",
    title="Move-out to our continuous service agreement",
    source="RMG 11.2.4.3, 11.2.5.5, 11.2.5.13, Appendix D1 (814_22, 814_12, 814_08, 867_04)",
    first="new",
    states={
        "new": "nothing heard",
        "returning": "814_22 received: the premises come to us with the tenant's move-out",
        "returned": "service under the agreement has begun",
        "cancelled": "ERCOT has cancelled the move-out",
        "unexecutable": "the move-out could not be executed",
    },
    final=frozenset({"returned", "cancelled", "unexecutable"}),
    transitions=(
        *rows(
            "new",
            on=message("814_22"),
            to="returning",
            effects=(
                take("scheduled date"),
                take("service point"),
                expect("867_04"),
                work_item("csa-return"),
            ),
        ),
        *rows(
            "returning",
            on=_MOVED,
            when={"highest counter"},
            effects=(take("changed date"), expect("867_04")),
        ),
        *rows(
            "returning",
            on=_ERCOT_CANCEL,
            to="cancelled",
            effects=(meet("867_04"), work_item("csa-return-cancelled")),
        ),
        *rows(
            "returning",
            on=message("814_28", "unexecutable"),
            to="unexecutable",
            effects=(meet("867_04"), work_item("csa-return-cancelled")),
        ),
        *rows(
            "returning",
            on=_BEGAN,
            to="returned",
            effects=(take("effective date"), meet("867_04")),
        ),
        *rows("returning", on=late("867_04"), effects=(work_item("answer-late"),)),
        *rows("returned", on=_BEGAN, when={"other date"}, effects=(work_item("start-differs"),)),
    ),
    waits={
        "new": frozenset({_MOVED, _ERCOT_CANCEL, _BEGAN, message("814_28", "unexecutable")}),
    },
    notes={
        "returning": frozenset({message("814_22"), _MOVED}),
        "returned": frozenset({message("814_22"), _MOVED, _BEGAN}),
        "cancelled": frozenset(
            {message("814_22"), _MOVED, _ERCOT_CANCEL, message("814_28", "unexecutable")}
        ),
        "unexecutable": frozenset(
            {message("814_22"), _MOVED, _ERCOT_CANCEL, message("814_28", "unexecutable")}
        ),
    },
)

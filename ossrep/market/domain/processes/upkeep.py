"""What a wires company is told of a customer beside the orders."""

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
    work_item,
)

_ACCEPT = message("814_PD", "accept")
_REJECT = message("814_PD", "reject")

CUSTOMER_INFORMATION = Process(
    kind="customer_information",
    title="Customer information for the TDSP",
    source="814_PC, 814_PD (Options 2 and 3, co-operatives); RMG 7.11.2.4, 8.1",
    first="new",
    states={
        "new": "not yet sent",
        "sent": "814_PC queued to the TDSP, which has to answer; ERCOT has no part in it",
        "accepted": "the TDSP has the customer's data",
        "rejected": "refused; the TDSP has what it had before",
    },
    final=frozenset({"accepted", "rejected"}),
    transitions=(
        *rows("new", on=command("start"), to="sent", effects=(send("814_PC"), expect("814_PD"))),
        *rows("sent", on=command("resend"), effects=(send("814_PC"),)),
        *rows("sent", on=_ACCEPT, to="accepted", effects=(meet("814_PD"),)),
        *rows(
            "sent",
            on=_REJECT,
            unless={"duplicate"},
            to="rejected",
            effects=(meet("814_PD"), work_item("customer-information-rejected")),
        ),
        *rows("sent", on=late("814_PD"), effects=(work_item("answer-late"),)),
    ),
    notes={
        "sent": frozenset({_REJECT}),
        "accepted": frozenset({_ACCEPT}),
        "rejected": frozenset({_REJECT}),
    },
)

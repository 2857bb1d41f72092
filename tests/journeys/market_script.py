"""One month of a played market: every process takes place once, each at its own premises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from ossrep.market.models import InvoiceDocument
from ossrep.market.usecases.matching.paying import ShortPayment, prepare_payment
from ossrep.market.usecases.orders.agreements import start_csa
from ossrep.market.usecases.orders.changing import cancel_order, change_date
from ossrep.market.usecases.orders.customer_information import send_customer_information
from ossrep.market.usecases.service_orders.history import request_history
from ossrep.market.usecases.service_orders.holds import add_switch_hold, remove_switch_hold
from ossrep.market.usecases.service_orders.returns import (
    note_agreement,
    open_issue,
    send_return,
    start_return_from_us,
    start_return_to_us,
)
from tests.factories.market_story import (
    JANE,
    Act,
    Role,
    Story,
    disconnect,
    enroll,
    move_out,
    reconnect,
)


def day(number: int, month: int = 9) -> dt.date:
    return dt.date(2026, month, number)


CAST = {
    "mover": Role(),
    "hasty": Role(tdsp="CENTERPOINT"),
    "switcher": Role(tdsp="AEP_CENTRAL"),
    "held": Role(tdsp="AEP_NORTH", more=(("switch_hold", True),)),
    "permit": Role(tdsp="TNMP", more=(("needs_permit", True),)),
    "unexecuted": Role(),
    "quitter": Role(tdsp="CENTERPOINT"),
    "dropped": Role(tdsp="AEP_CENTRAL"),
    "rescheduled": Role(tdsp="AEP_NORTH"),
    "leaver": Role(is_ours=True),
    "landlord": Role(tdsp="CENTERPOINT", is_ours=True),
    "debtor": Role(tdsp="ONCOR_ELEC", is_ours=True),
    "payer": Role(tdsp="CENTERPOINT", is_ours=True),
    "refused": Role(tdsp="TNMP", is_ours=True),
    "pledge": Role(tdsp="AEP_CENTRAL", is_ours=True),
    "curious": Role(tdsp="TNMP"),
    "stolen": Role(tdsp="ONCOR_ELEC", is_ours=True),
    "mistaken": Role(tdsp="CENTERPOINT"),
    "rescinder": Role(tdsp="AEP_NORTH", is_ours=True),
    "lost": Role(tdsp="TNMP", is_ours=True),
    "transferred": Role(tdsp="AEP_CENTRAL", is_ours=True),
    "inherited": Role(tdsp="TNMP"),
    "overbilled": Role(tdsp="TNMP", cycle="09", is_ours=True),
    "corrected": Role(tdsp="AEP_NORTH", cycle="09", is_ours=True),
    "calm": Role(tdsp="ONCOR_ELEC", cycle="09", kind="shop", is_ours=True),
    "outage": Role(tdsp="CENTERPOINT", is_ours=True),
    "exchanged": Role(tdsp="AEP_CENTRAL", is_ours=True),
    "introduced": Role(tdsp="TNMP", is_ours=True),
    "unwelcome": Role(tdsp="AEP_NORTH", is_ours=True),
}  # fmt: skip

FAULTS = (
    'on: 814_16, do: unexecutable, esi_id: "{unexecuted}"',
    'on: 814_16, do: cancel, esi_id: "{dropped}"',
    'on: 650_01, do: reject, code: A13, text: METER NOT FOUND, esi_id: "{refused}"',
    "on: premises, do: loss, code: switch, days: 4, times: 1, since: 2026-09-02, "
    'esi_id: "{stolen}"',
    "on: premises, do: loss, code: switch, days: 4, times: 1, since: 2026-09-02, "
    'esi_id: "{rescinder}"',
    'on: premises, do: loss, code: move_in, days: 6, times: 1, since: 2026-09-03, esi_id: "{lost}"',
    'on: premises, do: take_back, days: 5, times: 1, since: 2026-09-18, esi_id: "{mistaken}"',
    'on: premises, do: drop, days: 6, times: 1, since: 2026-09-08, esi_id: "{transferred}"',
    'on: premises, do: give, days: 3, times: 1, since: 2026-09-08, esi_id: "{inherited}"',
    'on: month, do: wrong_amount, times: 1, esi_id: "{overbilled}"',
    'on: month, do: cancel_replace, days: 2, times: 1, esi_id: "{corrected}"',
    'on: premises, do: outage, times: 1, since: 2026-09-09, esi_id: "{outage}"',
    'on: premises, do: maintain, times: 1, since: 2026-09-09, esi_id: "{exchanged}"',
    'on: 814_PC, do: reject, code: A13, text: NAME UNREADABLE, times: 1, esi_id: "{unwelcome}"',
    'on: 820_02, do: reject, code: A13, text: NO MONEY CAME, times: 1, esi_id: "{calm}"',
)


def cancel(name: str, kind: str) -> Act:
    return lambda s, now: cancel_order(order_id=s.order(name, kind).pk, reason="B40", now=now)


def change(name: str, kind: str, date: dt.date) -> Act:
    return lambda s, now: change_date(order_id=s.order(name, kind).pk, date=date, now=now)


def agree(name: str, date: dt.date) -> Act:
    return lambda s, now: start_csa(esi_id=s.esi[name], customer=JANE, start_date=date, now=now)


def hold(name: str, *, adds: bool) -> Act:
    ask = add_switch_hold if adds else remove_switch_hold
    return lambda s, now: ask(esi_id=s.esi[name], customer=JANE, now=now)


def history(name: str) -> Act:
    return lambda s, now: request_history(esi_id=s.esi[name], now=now)


def introduce(name: str) -> Act:
    return lambda s, now: send_customer_information(esi_id=s.esi[name], customer=JANE, now=now)


def pay(name: str, purpose: str, *, less: str = "") -> Act:
    """Pays what an ESI ID's invoices of a purpose ask for, or a dollar less and says why."""

    def act(story: Story, now: dt.datetime) -> object:
        invoices = InvoiceDocument.objects.filter(esi_id=story.esi[name], purpose=purpose)
        names = [invoice.reference for invoice in invoices]
        short = {
            each.reference: ShortPayment(each.total_usd - 1, less) for each in invoices if less
        }
        return prepare_payment(
            tdsp_code=story.row(name).tdsp,
            due_by=day(30, month=11),
            payment_date=now.date(),
            prepared_by="ann",
            references=names,
            short=short,
            now=now,
        )

    return act


def miss(name: str, kind: str, loss: dt.date) -> Act:
    return lambda s, now: start_return_to_us(
        kind=kind,
        esi_id=s.esi[name],
        loss_date=loss,
        issue_date=now.date(),
        customer=JANE,
        zip_code=s.row(name).zip_code,
        now=now,
    )


def discover(name: str, gain: dt.date) -> Act:
    return lambda s, now: start_return_from_us(
        kind="inadvertent_gain", esi_id=s.esi[name], gain_date=gain, now=now
    )


def issue(name: str, kind: str) -> Act:
    return lambda s, now: open_issue(
        order_id=s.order(name, kind).pk, issue_number="I-1", issue_date=now.date(), now=now
    )


def agreed(name: str, kind: str, date: dt.date | None) -> Act:
    return lambda s, now: note_agreement(order_id=s.order(name, kind).pk, date=date, now=now)


def return_it(name: str, kind: str) -> Act:
    return lambda s, now: send_return(order_id=s.order(name, kind).pk, now=now)


ROUNDS: Sequence[tuple[dt.date, int, Sequence[Act]]] = (
    (day(1), 9, [
        enroll("mover", "move_in", day(4), wants_usage_history=True),
        enroll("hasty", "move_in", day(1), is_priority=True),
        enroll("switcher", "switch"),
        enroll("held", "switch"),
        enroll("permit", "move_in", day(4)),
        enroll("unexecuted", "move_in", day(4)),
        enroll("quitter", "move_in", day(10)),
        enroll("dropped", "move_in", day(10)),
        enroll("rescheduled", "move_in", day(8)),
        enroll("mistaken", "switch"),
        history("curious"),
        agree("landlord", day(2)),
        hold("pledge", adds=True),
        introduce("introduced"),
        introduce("unwelcome"),
    ]),
    (day(1), 12, []),
    (day(1), 15, []),
    (day(2), 9, [
        move_out("leaver", day(9)),
        move_out("landlord", day(10)),
        disconnect("debtor", day(3)),
        disconnect("payer", day(8)),
        disconnect("refused", day(3)),
        cancel("quitter", "move_in"),
        change("rescheduled", "move_in", day(11)),
    ]),
    (day(2), 12, [reconnect("payer")]),
    (day(2), 15, []),
    (day(3), 9, []),
    (day(3), 12, [reconnect("debtor")]),
    (day(3), 15, []),
    (day(4), 9, []),
    (day(8), 9, [
        hold("pledge", adds=False),
        miss("stolen", "inadvertent_loss", day(6)),
        miss("rescinder", "rescission_return", day(6)),
    ]),
    (day(8), 13, []),
    (day(9), 9, [
        agreed("stolen", "inadvertent_loss", day(7)),
        agreed("rescinder", "rescission_return", day(7)),
        return_it("stolen", "inadvertent_loss"),
        return_it("rescinder", "rescission_return"),
    ]),
    (day(9), 13, []),
    (day(10), 9, [pay("corrected", "original"), pay("calm", "original")]),
    (day(10), 13, []),
    (day(11), 9, []),
    (day(14), 9, [pay("corrected", "cancel")]),
    (day(14), 13, [discover("mistaken", day(2)), issue("mistaken", "inadvertent_gain")]),
    (day(15), 9, [agreed("mistaken", "inadvertent_gain", None)]),
    (day(18), 9, [pay("corrected", "replace", less="METER FEE DISPUTED")]),
    (day(18), 13, []),
    (day(21), 9, []),
    (day(21), 13, []),
)  # fmt: skip


def play(folder: Path) -> Story:
    """The whole month."""
    story = Story(folder, cast=CAST, faults=FAULTS)
    for date, hour, acts in ROUNDS:
        story.round(date, hour, *acts)
    return story

"""An 824 that comes to us: the wires company refuses the content of what we sent."""

from __future__ import annotations

from ossrep.kernel.errors import DomainError
from ossrep.market.edi.texas_set.advice import ApplicationAdvice
from ossrep.market.models import OutboundMessage, TdspPayment
from ossrep.market.usecases.receiving import Outcome, Received
from ossrep.market.usecases.work_items import open_work_item

REFUSED_PAYMENT = "payment_refused"
REFUSED_MESSAGE = "message_refused"


class AdviceWithoutMessage(DomainError):
    """An 824 about a number that we never sent to this partner."""

    code = "advice_without_message"


def take_advice(received: Received) -> Outcome:
    """Asks a person what to do: of an 820_02 with its payment, of other messages with their text.

    Applied, in the caller's transaction. Raises AdviceWithoutMessage where nothing that we sent
    to the partner has the number: the set is parked then, for a person.
    """
    advice = received.transaction
    assert isinstance(advice, ApplicationAdvice)
    named = (advice.document.reference, advice.original_reference)
    sent = OutboundMessage.objects.filter(partner__code=received.partner, reference__in=named)
    message = sent.order_by("-pk").first()
    if message is None:
        number = advice.document.reference
        raise AdviceWithoutMessage("we sent nothing of this number", where=f"824 about {number}")
    payment = TdspPayment.objects.filter(outbound_message_id=message.pk).first()
    reasons = [f"{each.code} {each.text}".strip() for each in advice.rejects]
    told = "\n".join([*reasons, *(note.text for note in advice.notes)]) or "no reason is given"
    open_work_item(
        kind=REFUSED_MESSAGE if payment is None else REFUSED_PAYMENT,
        key=f"set {received.inbound_set_id}",
        title=f"{received.partner} refuses {message.kind} {message.reference}",
        text=f"{told}\n{_next(payment)}",
        esi_id=message.esi_id,
        tdsp_code=received.partner,
        inbound_set_id=received.inbound_set_id,
        outbound_message_id=message.pk,
        reference=message.reference,
        money_at_risk_usd=payment.total_usd if payment else None,
        now=received.received_at,
    )
    return Outcome(state="applied", text=f"{message.kind} {message.reference} is refused")


def _next(payment: TdspPayment | None) -> str:
    if payment is None:
        return "Mend what it names and send the matter anew."
    return (
        f"The money of {payment.payment_date} ({payment.method}, {payment.total_usd:,.2f} USD) may "
        "have gone all the same: agree with the TDSP's accounts receivable which invoices it "
        "covers. Nothing was taken back here."
    )

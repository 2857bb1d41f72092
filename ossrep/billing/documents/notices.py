"""The fixed words of an invoice that the rules ask for (16 TAC §25.479)."""

from __future__ import annotations

from ossrep.billing.documents.content import InvoiceDocument

_DISPUTE = (
    "If you are charged for something you did not order or authorize, call us. If we do not "
    "resolve it, you may complain to the Public Utility Commission of Texas, P.O. Box 13326, "
    "Austin, Texas 78711-3326; (512) 936-7120 or toll-free (888) 782-8477; "
    "www.puc.texas.gov. Hearing and speech impaired: Relay Texas 7-1-1."
)
_CHOOSE = "Compare plans of all retail electric providers at www.powertochoose.com."
_ASSISTANCE = (
    "You may add a donation to your payment for customers who need help to pay their bill, and "
    "ask us for such help."
)
_VARIABLE = (
    "Your price can change from month to month. For the price of your next bill call us or see "
    "our website."
)
_DEMAND = "kW is four times the highest quarter-hour use in kWh."


def invoice_notices(document: InvoiceDocument) -> tuple[str, ...]:
    """The notices this invoice must carry, in printed order."""
    notices = [_DISPUTE]
    if document.customer_class == "residential":
        notices += [_CHOOSE, _ASSISTANCE]
    if any(site.product_type in ("variable", "indexed") for site in document.sites):
        notices.append(_VARIABLE)
    if any(site.peak_w is not None for site in document.sites):
        notices.append(_DEMAND)
    return tuple(notices)

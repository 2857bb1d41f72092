"""What the codes of an invoice mean: ``guides/codes_810.yaml`` and ``guides/charge_codes.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from ossrep.market.edi.texas_set.codes import code_lists, find_code, is_marked
from ossrep.market.edi.texas_set.invoice import Charge, DeliveryInvoice

_FILE: Final = "codes_810.yaml"
_CHARGES: Final = "charge_codes.yaml"


@dataclass(frozen=True, slots=True)
class ChargeCode:
    """A charge code (SAC04) of the market's list; ``type`` is that of its family."""

    code: str
    name: str
    type: str
    needs_text: bool
    is_between_companies: bool


@lru_cache(maxsize=1024)
def find_charge_code(code: str) -> ChargeCode | None:
    """What the list, or what was added to it, says of a code; None: a person has yet to map it."""
    entry = find_code(_CHARGES, "codes", code) or find_code(_CHARGES, "extra", code)
    if entry is None:
        return None
    family = find_code(_CHARGES, "families", code[:3])
    return ChargeCode(
        code=code,
        name=entry["name"],
        type=entry.get("type") or (family["type"] if family else ""),
        needs_text=entry.get("text_required") == "yes",
        is_between_companies=entry.get("b2b_only") == "yes",
    )


def charge_code_count() -> int:
    """How many codes the list has, without what was added to it."""
    return len(code_lists(_CHARGES)["codes"])


def signed_amount(charge: Charge) -> Decimal | None:
    """What a charge and its taxes add to the total; None where the indicator is unknown."""
    entry = find_code(_FILE, "indicators", charge.indicator)
    if entry is None:
        return None
    taxes = sum((tax.amount for tax in charge.taxes), Decimal())
    return int(entry["sign"]) * charge.amount + taxes


def is_standalone(invoice: DeliveryInvoice) -> bool:
    """Whether no 867_03 belongs to it: its type says so, or every line is between companies."""
    if is_marked(_FILE, "types", invoice.type, "standalone"):
        return True
    levels = [item.level for item, _, _ in invoice.lines()]
    return bool(levels) and all(not is_passed_on(level) for level in levels)


def is_passed_on(level: str) -> bool:
    """Whether charges of this level (IT109) are the customer's to pay."""
    entry = find_code(_FILE, "levels", level)
    return entry is None or entry.get("passed_on") != "no"


def is_final_invoice(invoice: DeliveryInvoice) -> bool:
    """Whether BIG07 says that it is the last for the account."""
    entry = find_code(_FILE, "types", invoice.type)
    return entry is not None and entry["name"] == "final"


def invoice_purpose_name(purpose: str) -> str:
    """``original``, ``cancel``, ``replace``, else the code itself."""
    entry = find_code(_FILE, "purposes", purpose)
    return purpose if entry is None else entry["name"]

"""What two bills of one case disagree about, in words for a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from tests.oracle.documents import Document

LINE_FIELDS = (
    "site",
    "section",
    "kind",
    "component",
    "bucket",
    "amount_usd",
    "recurring",
    "energy",
    "taxes",
)
BANK_FIELDS = ("in_usd", "earned_usd", "applied_usd", "used_usd", "out_usd", "lost_usd")
TAX_FIELDS = ("code", "place", "base_usd", "amount_usd", "split")
TOTAL_FIELDS = (
    "subtotal_usd",
    "tax_usd",
    "total_usd",
    "import_kwh",
    "export_kwh",
    "average_price_cents_per_kwh",
)
ABSENT = "(absent)"
Name = Callable[[Document], str]


def differences(ours: Document, reference: Document) -> list[str]:
    """Each disagreement of two answers to one case; empty when they agree.

    Compared are refusal or bill; lines, banks and taxes with their splits, in order; totals and
    the average price. Not compared: labels, quantities, units, recipes, rates, error codes.
    """
    if "error" in ours or "error" in reference:
        return _refusals(ours, reference)
    found = _of_lists("line", ours, reference, "lines", LINE_FIELDS, _line_name)
    found += _of_lists("bank", ours, reference, "banks", BANK_FIELDS, lambda bank: "")
    found += _of_lists("tax", ours, reference, "taxes", TAX_FIELDS, _tax_name)
    found += _of_fields("bill", ours, reference, TOTAL_FIELDS)
    return found


def _refusals(ours: Document, reference: Document) -> list[str]:
    if "error" in ours and "error" in reference:
        return []
    refusing, billing = ("reference", "ours") if "error" in reference else ("ours", "reference")
    error = (reference if refusing == "reference" else ours)["error"]
    reason = f"{error.get('code')} at {error.get('where')}: {error.get('message')}"
    return [f"{refusing} refuses ({reason}), {billing} gives a bill"]


def _of_lists(
    noun: str,
    ours: Document,
    reference: Document,
    field: str,
    fields: tuple[str, ...],
    name: Name,
) -> list[str]:
    left, right = ours.get(field, []), reference.get(field, [])
    names_left, names_right = [name(item) for item in left], [name(item) for item in right]
    if names_left != names_right:
        return [_order(noun, names_left, names_right)]
    return [
        difference
        for number, (one, other) in enumerate(zip(left, right, strict=True))
        for difference in _of_fields(f"{noun} {number} {name(one)}".rstrip(), one, other, fields)
    ]


def _order(noun: str, ours: list[str], reference: list[str]) -> str:
    only_ours = [name for name in ours if name not in reference]
    only_reference = [name for name in reference if name not in ours]
    words = f"{noun} list: ours {ours}, reference {reference}"
    if only_ours or only_reference:
        words += f"; only ours {only_ours}, only reference {only_reference}"
    return words


def _of_fields(
    where: str, ours: Document, reference: Document, fields: tuple[str, ...]
) -> list[str]:
    found = []
    for field in fields:
        left, right = _comparable(field, ours), _comparable(field, reference)
        if left != right:
            shown = f"ours {_shown(field, ours)}, reference {_shown(field, reference)}"
            found.append(f"{where}: {field}: {shown}")
    return found


def _comparable(field: str, document: Document) -> object:
    value = document.get(field, ABSENT)
    if value is None or value == ABSENT:
        return value
    if field.endswith(("_usd", "_kwh")):
        return Fraction(value)
    if field == "taxes":
        return sorted(value)
    if field == "bucket":
        return str(value)
    if field == "split":
        return [(part["site"], part["section"], Fraction(part["amount_usd"])) for part in value]
    return value


def _shown(field: str, document: Document) -> str:
    value = document.get(field, ABSENT)
    if field == "split" and isinstance(value, list):
        return ", ".join(f"{p['site']} {p['section']} {p['amount_usd']}" for p in value)
    return str(value)


def _line_name(line: Mapping[str, object]) -> str:
    bucket = "" if line.get("bucket") is None else f"[{line['bucket']}]"
    return f"site {line.get('site')} {line.get('component')}{bucket} {line.get('kind')}"


def _tax_name(tax: Mapping[str, object]) -> str:
    return f"{tax.get('code')} @ {tax.get('place')}"

"""Words for fields, kinds and codes, from the tables that know them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from ossrep.market.domain.reject_codes import CodeList, find_code
from ossrep.market.edi.texas_set.codes import code_lists
from ossrep.market.edi.texas_set.guide.plan import Element, Node
from ossrep.market.edi.texas_set.invoice_codes import find_charge_code
from ossrep.market.edi.texas_set.kinds import KINDS, guide_of

_DIGIT = re.compile(r"([a-z])([0-9])")
X12_TITLES = {"997": "Functional acknowledgment"}

_SHORT = {
    "esi id": "ESI ID",
    "tdsp": "TDSP",
    "ercot": "ERCOT",
    "zip": "ZIP",
    "usd": "$",
    "csa": "CSA",
    "ams": "AMS",
}
# Fields of the usage and the invoice whose codes stand in lists beside the guide tables.
_LISTS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("Usage", "purpose"): ("codes_867.yaml", "purposes"),
    ("Usage", "report_type"): ("codes_867.yaml", "report_types"),
    ("Usage", "action"): ("codes_867.yaml", "actions"),
    ("UsageLoop", "kind"): ("codes_867.yaml", "loops"),
    ("UsageLoop", "role"): ("codes_867.yaml", "roles"),
    ("Reading", "qualifier"): ("codes_867.yaml", "quantities"),
    ("Reading", "unit"): ("codes_867.yaml", "units"),
    ("Measurement", "quality"): ("codes_867.yaml", "qualities"),
    ("Measurement", "measures"): ("codes_867.yaml", "measures"),
    ("Measurement", "unit"): ("codes_867.yaml", "units"),
    ("Measurement", "time_of_use"): ("codes_867.yaml", "times_of_use"),
    ("Estimate", "reason"): ("codes_867.yaml", "estimates"),
    ("DeliveryInvoice", "type"): ("codes_810.yaml", "types"),
    ("DeliveryInvoice", "purpose"): ("codes_810.yaml", "purposes"),
    ("InvoiceItem", "level"): ("codes_810.yaml", "levels"),
    ("Charge", "indicator"): ("codes_810.yaml", "indicators"),
    ("Charge", "unit"): ("codes_810.yaml", "units"),
}
_REASONS: Mapping[str, CodeList] = {
    "rejects": CodeList.REJECT,
    "unexecutables": CodeList.UNEXECUTABLE,
}
_REASONS_OF_KIND: Mapping[tuple[str, str], CodeList] = {
    ("824", "rejects"): CodeList.ADVICE,
    ("814_08", "reasons"): CodeList.CANCEL,
}


def title_of(kind: str) -> str:
    """The name of a kind: ``Enrollment notification response``; empty where no table has it."""
    return guide_of(kind).name if kind in KINDS else X12_TITLES.get(kind, "")


@lru_cache(maxsize=1024)
def label_of(field: str) -> str:
    """``requested_date`` as ``requested date``, ``esi_id`` as ``ESI ID``."""
    words = field.removeprefix("is_").removeprefix("has_").replace("_", " ")
    words = _DIGIT.sub(r"\1 \2", words)
    for plain, short in _SHORT.items():
        if f" {plain} " in f" {words} ":
            words = f" {words} ".replace(f" {plain} ", f" {short} ").strip()
    return words


def meaning_of(kind: str, classes: tuple[str, ...], field: str, code: str) -> str:
    """What a code says in a field of a class (or of one it builds on); empty: not known."""
    if "Charge" in classes and field == "code":
        charge = find_charge_code(code)
        return charge.name if charge else ""
    for name in classes:
        place = _LISTS.get((name, field))
        if place:
            file, code_list = place
            return code_lists(file).get(code_list, {}).get(code, {}).get("name", "")
    known = _codes_by_field(kind) if kind in KINDS else {}
    return next((known[(n, field)].get(code, "") for n in classes if (n, field) in known), "")


def explain_reason(kind: str, field: str, code: str) -> tuple[str, str]:
    """Meaning of a reject, cancel or unexecutable code, and what is done next."""
    code_list = _REASONS_OF_KIND.get((kind, field)) or _REASONS.get(field)
    if code_list is None:
        return "", ""
    found = find_code(code_list=code_list, code=code)
    return found.meaning, found.action_text


@lru_cache(maxsize=64)
def _codes_by_field(kind: str) -> Mapping[tuple[str, str], Mapping[str, str]]:
    root = guide_of(kind).root
    build = root.build or KINDS[kind]
    return {
        (name, element.field): element.codes
        for name, element in _elements(root, build.__name__)
        if element.codes
    }


def _elements(node: Node, around: str) -> Iterator[tuple[str, Element]]:
    name = node.build.__name__ if node.build else around
    for element in node.elements:
        yield name, element
    for pair in node.pairs.entries if node.pairs else ():
        yield name, pair.element
    for child in node.children.nodes if node.children else ():
        yield from _elements(child, name)

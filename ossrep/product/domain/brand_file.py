"""What a brand file says (docs/formats/brands.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ossrep.product.domain.fields import Fields, Problem, items_of

_REQUIRED = (
    "code",
    "legal_name",
    "display_name",
    "certificate_number",
    "duns",
    "address_lines",
    "billing_phone",
    "billing_hours",
    "email",
    "website",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandEntry:
    """One brand of a file, judged."""

    code: str
    legal_name: str
    display_name: str
    certificate_number: str
    duns: str
    address_lines: tuple[str, ...]
    billing_phone: str
    billing_hours: str
    outage_phones: Mapping[str, str]
    email: str
    website: str


def read_brand_file(*, data: Any, problems: list[Problem]) -> list[BrandEntry]:
    """The brands of a file's content; nothing of it counts when ``problems`` is not empty."""
    top = Fields(data, path="", problems=problems, required=["brands"])
    if not top.has("brands"):
        return []
    entries = [
        _entry(entry, path, problems)
        for path, entry in items_of(top.raw("brands"), path="brands", problems=problems)
    ]
    seen: dict[str, int] = {}
    for index, entry in enumerate(entries):
        if entry.code and entry.code in seen:
            problems.append(
                Problem(f"brands[{index}].code", f"stands in brands[{seen[entry.code]}] too")
            )
        seen.setdefault(entry.code, index)
    return entries


def _entry(data: Any, path: str, problems: list[Problem]) -> BrandEntry:
    fields = Fields(
        data, path=path, problems=problems, required=_REQUIRED, optional=["outage_phones"]
    )
    return BrandEntry(
        code=fields.text(
            "code",
            length_max=30,
            pattern=r"[A-Z0-9][A-Z0-9-]*",
            hint="capital letters, digits and -",
        ),
        legal_name=fields.text("legal_name", length_max=120),
        display_name=fields.text("display_name", length_max=120),
        certificate_number=fields.text("certificate_number", length_max=20),
        duns=fields.text(
            "duns", length_max=13, pattern=r"[0-9]{9}|[0-9]{13}", hint="9 or 13 digits"
        ),
        address_lines=tuple(fields.list_of_text("address_lines", length_max=80)),
        billing_phone=fields.text("billing_phone", length_max=40),
        billing_hours=fields.text("billing_hours", length_max=120),
        outage_phones=_phones(fields),
        email=fields.text(
            "email", length_max=120, pattern=r"[^@\s]+@[^@\s]+", hint="an e-mail address"
        ),
        website=fields.text(
            "website", length_max=200, pattern=r"https?://\S+", hint="an address with https://"
        ),
    )


def _phones(fields: Fields) -> Mapping[str, str]:
    phones = fields.raw("outage_phones") or {}
    if not isinstance(phones, Mapping) or not all(isinstance(v, str) for v in phones.values()):
        fields.refuse("outage_phones", "must map a TDSP's code to a phone number in quotes")
        return {}
    return dict(phones)

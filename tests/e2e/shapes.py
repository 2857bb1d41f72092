"""The four portal calls' shapes, field by field, as the portal's own models read them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Check = Callable[[Any], bool]
Shape = Any
"""A check, a mapping of names (``?`` at the end: optional) to shapes, or a list of one shape."""


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _date(value: Any) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", value))


def _instant(value: Any) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", value))


def _one_of(*words: str) -> Check:
    return lambda value: value in words


_STATUS = _one_of("PENDING", "ACTIVE", "INACTIVE")
_PLAN_TYPE = _one_of("FIXED", "VARIABLE", "INDEXED")

CUSTOMER: Shape = {
    "customerId": _number,
    "customerType": _one_of("INDIVIDUAL", "BUSINESS"),
    "firstName?": _text,
    "lastName?": _text,
    "businessName?": _text,
    "email": _text,
    "phone": _text,
    "status": _STATUS,
    "createdAt": _instant,
    "accounts": [
        {"accountId": _number, "accountNumber": _text, "nickname?": _text, "status": _STATUS}
    ],
}
ACCOUNTS: Shape = {
    "accounts": [
        {
            "accountId": _number,
            "accountNumber": _text,
            "customerId": _number,
            "nickname?": _text,
            "status": _STATUS,
            "currentBalance": _number,
            "createdAt": _instant,
            "premises": [
                {
                    "premiseId": _number,
                    "street": _text,
                    "unit?": _text,
                    "city": _text,
                    "state": _text,
                    "zip": _text,
                    "isPrimary": _flag,
                    "meters": [
                        {
                            "meterId": _number,
                            "meterNumber": _text,
                            "meterType": _one_of("ELECTRIC"),
                            "status": _one_of("AVAILABLE", "ACTIVE", "INACTIVE"),
                        }
                    ],
                }
            ],
        }
    ]
}
CONTRACTS: Shape = {
    "contracts": [
        {
            "contractId": _number,
            "contractNumber": _text,
            "customerId": _number,
            "plan": {
                "planId": _number,
                "name": _text,
                "ratePerKwh": _number,
                "termMonths": _number,
                "planType": _PLAN_TYPE,
            },
            "startDate": _date,
            "endDate": _date,
            "status": _one_of("PENDING", "ACTIVE", "EXPIRED", "CANCELLED", "RENEWED"),
            "earlyTerminationFee": _number,
            "signedAt?": _instant,
            "accounts": [{"accountId": _number, "accountNumber": _text}],
        }
    ]
}
PLANS: Shape = {
    "plans": [
        {
            "planId": _number,
            "name": _text,
            "description?": _text,
            "ratePerKwh": _number,
            "termMonths": _number,
            "earlyTerminationFee": _number,
            "baseCharge": _number,
            "renewablePercent": _number,
            "planType": _PLAN_TYPE,
            "status": _one_of("ACTIVE", "INACTIVE", "ARCHIVED"),
            "features": [_text],
            "documents": {"eflUrl?": _text, "tosUrl?": _text, "yracUrl?": _text},
        }
    ]
}


def unlike(value: Any, shape: Shape, where: str = "") -> Iterator[str]:
    """What does not fit: fields missing, too many, or of another kind."""
    if isinstance(shape, Mapping):
        yield from _unlike_object(value, shape, where)
    elif isinstance(shape, Sequence):
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for place, inner in enumerate(value):
            yield from unlike(inner, shape[0], f"{where}[{place}]")
    elif not shape(value):
        yield f"{where} is {value!r}"


def _unlike_object(value: Any, shape: Mapping[str, Shape], where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is no object"
        return
    known = {name.rstrip("?"): name for name in shape}
    yield from (f"{where}.{name} is not in the contract" for name in value if name not in known)
    for name, written in known.items():
        if name in value:
            yield from unlike(value[name], shape[written], f"{where}.{name}")
        elif not written.endswith("?"):
            yield f"{where}.{name} is missing"

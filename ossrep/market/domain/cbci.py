"""The monthly customer billing contact file: its records (RMG 9 appendix F6, 7.11.3.2)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ossrep.kernel.errors import DomainError
from ossrep.market.edi.texas_set.text import to_market_text
from ossrep.published.customer import BillingContact

REPORT_NAME = "MTCRCustomerInformation"
LINE_END = "\r\n"
EMAIL_MAX = 80
_PHONE = re.compile(r"\+?1?([0-9]{10})(?:x([0-9]{1,10}))?")


def file_name(*, duns: str, local: dt.datetime, counter: int) -> str:
    """``<DUNS>MTCRCustomerInformation<ccyymmddhhmmss><counter>.csv``; the counter has 3 digits."""
    return f"{duns}{REPORT_NAME}{local:%Y%m%d%H%M%S}{counter % 1000:03d}.csv"


def header(*, report_id: str, duns: str) -> str:
    """The first record."""
    return f"HDR|{REPORT_NAME}|{report_id}|{duns}"


def summary(*, records: int) -> str:
    """The last record; the two zeros are those of the guide's example."""
    return f"SUM|{records}|0|0"


@dataclass(frozen=True, slots=True)
class DetailRecord:
    """One DET record as it is written, and the names of mandatory fields that it lacks."""

    text: str
    lacks: tuple[str, ...]


def detail(*, number: int, duns: str, contact: BillingContact) -> DetailRecord:
    """The record of one ESI ID; a value that cannot be told is empty, and named in ``lacks``."""
    phone, extension = _phone(contact.phone)
    company = _text(contact.company_name, 60)
    address = contact.address
    named = {
        "Billing Address Line 1": _text(address.line1, 55),
        "Billing City": _text(address.city, 30),
        "Billing State": _text(address.state, 2),
        "Billing Postal Code": re.sub(r"[^A-Z0-9]", "", address.zip_code.upper())[:15],
        "Primary Phone Number": phone,
    }
    if not company:
        named["Customer First Name"] = _text(contact.first_name, 30)
        named["Customer Last Name"] = _text(contact.last_name, 30)
    fields = [
        "DET",
        str(number),
        duns,
        contact.esi_id,
        _text(contact.account_number, 80),
        named.get("Customer First Name", ""),
        named.get("Customer Last Name", ""),
        company,
        _text(contact.contact_name, 60) if company else "",
        _text(contact.care_of, 60),
        named["Billing Address Line 1"],
        _text(address.line2, 55),
        named["Billing City"],
        named["Billing State"],
        named["Billing Postal Code"],
        "",  # the country code stands only with addresses abroad, which no account has
        phone,
        extension,
        "",
        "",
        _email(contact.email),
    ]
    lacks = tuple(name for name, value in named.items() if not value)
    return DetailRecord("|".join(fields), lacks)


def _text(text: str, chars_max: int) -> str:
    return to_market_text(text.replace("|", " "), longest=chars_max)


def _email(text: str) -> str:
    # Not as other texts: an address whose characters are changed is another address.
    is_fit = text.isascii() and text.isprintable() and "|" not in text and len(text) <= EMAIL_MAX
    return text if is_fit else ""


def _phone(text: str) -> tuple[str, str]:
    bare = re.sub(r"[\s().\-/]", "", text.lower()).replace("ext", "x")
    found = _PHONE.fullmatch(bare)
    return ("", "") if found is None else (found[1], found[2] or "")


@dataclass(frozen=True, slots=True)
class AnswerHeader:
    """Which file of ours an answer is about."""

    report_name: str
    report_id: str
    duns: str


@dataclass(frozen=True, slots=True)
class RecordError:
    """ER1 (invalid value), ER2 (mandatory field missing) or ER3 (check of the ESI ID failed)."""

    tag: str
    number: int
    esi_id: str
    original_type: str
    original_number: int | None
    field_name: str
    error_text: str


@dataclass(frozen=True, slots=True)
class AnswerSummary:
    """Records in our file, those without error, records in error."""

    records: int
    good: int
    bad: int


ANSWER_NAMES = (f"{REPORT_NAME}ERCOTResponse", "MTCRDataValidationERCOTResponse")
ERROR_TAGS = ("ER1", "ER2", "ER3")
_HEADER_FIELDS = 4
_ERROR_FIELDS = 7
_SUMMARY_FIELDS = 4


class AnswerRecordRefused(DomainError):
    """A record of an answer that cannot be read."""

    code = "answer_record_refused"


def parse_answer_record(line: str) -> AnswerHeader | RecordError | AnswerSummary:
    """One record of an answer; raises AnswerRecordRefused."""
    fields = [field.strip() for field in line.split("|")]
    if fields[0] == "HDR":
        return _header(fields)
    if fields[0] in ERROR_TAGS:
        return _error(fields)
    if fields[0] == "SUM":
        _count(fields, _SUMMARY_FIELDS)
        return AnswerSummary(*(_number(field) for field in fields[1:]))
    raise AnswerRecordRefused(f"a record begins with HDR, ER1, ER2, ER3 or SUM, not {fields[0]!r}")


def _header(fields: Sequence[str]) -> AnswerHeader:
    _count(fields, _HEADER_FIELDS)
    if fields[1] not in ANSWER_NAMES:
        raise AnswerRecordRefused(f"the report must be {' or '.join(ANSWER_NAMES)}")
    if not fields[2] or not re.fullmatch(r"[0-9]{9}|[0-9]{13}", fields[3]):
        raise AnswerRecordRefused("the header needs the original report ID and a DUNS number")
    return AnswerHeader(fields[1], fields[2], fields[3])


def _error(fields: Sequence[str]) -> RecordError:
    _count(fields, _ERROR_FIELDS)
    original = _number(fields[4]) if fields[4] else None
    return RecordError(
        fields[0], _number(fields[1]), fields[2], fields[3], original, fields[5], fields[6]
    )


def _count(fields: Sequence[str], wanted: int) -> None:
    if len(fields) != wanted:
        raise AnswerRecordRefused(f"has {len(fields)} fields instead of {wanted}")


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,8}", text):
        raise AnswerRecordRefused(f"a number of up to 8 digits is wanted, not {text[:40]!r}")
    return int(text)

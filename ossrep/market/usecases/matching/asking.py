"""What a person is asked about documents that were taken all the same."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Sequence
from decimal import Decimal

from ossrep.market.edi.errors import Fault
from ossrep.market.models import InvoiceDocument, UsageDocument
from ossrep.market.usecases.matching.standalone import STANDALONE
from ossrep.market.usecases.matching.unmapped import note_unmapped
from ossrep.market.usecases.work_items import open_work_item

CONTENT = "content_fault"
VIA = "824"
ADVICE_CHARS = 80


def ask_about_faults(
    *, row: UsageDocument | InvoiceDocument, faults: Sequence[Fault], now: dt.datetime
) -> None:
    """Work items for what does not add up, for unknown charge codes and standalone charges."""
    if faults:
        ask_about_content(row=row, faults=faults, now=now)
    if isinstance(row, InvoiceDocument):
        _ask_about_lines(row, now)


def ask_about_content(
    *,
    row: UsageDocument | InvoiceDocument,
    faults: Sequence[Fault],
    now: dt.datetime,
    part: str = "",
) -> None:
    """One work item for faults of a document that was taken, with its 824 ready to send.

    ``part`` keeps apart what is asked about one document at several times.
    """
    told = "\n".join(
        f"{f.code}: {f.message}; expected {f.expected}, found {f.found}" for f in faults
    )
    _ask(
        row,
        CONTENT,
        f"{_name(row)} {row.reference} of {row.esi_id} does not add up",
        f"{told}\nIt was taken. Refuse it with an 824 within five Retail Business Days, or "
        "dispute it by MarkeTrak (Billing and Usage) after that.",
        now,
        part=part,
        advice=ready_to_send(
            reference=row.reference, code=faults[0].code, text=faults[0].message[:ADVICE_CHARS]
        ),
    )


def _ask_about_lines(row: InvoiceDocument, now: dt.datetime) -> None:
    note_unmapped(row=row, now=now)
    passed_on = [line for line in row.lines if line["is_passed_on"]]
    if row.is_standalone and passed_on and row.purpose != "cancel":
        told = "\n".join(f"{x['code']} {x['label']}: {x['amount_usd']} USD" for x in passed_on)
        _ask(
            row,
            STANDALONE,
            f"Standalone charges of {row.esi_id}: invoice {row.reference}",
            f"{told}\nThey belong to no month's invoice. Billing gets them with the next period "
            "whose usage and invoice match, and this is settled by itself. Where no period comes "
            "any more (the customer has left), decide whether he pays them and adjust the account.",
            now,
        )


def ready_to_send(*, reference: str, code: str, text: str) -> str:
    """The command that sends the 824, for a work item."""
    words = ["send-824", reference, "--code", code, "--text", text]
    return f"manage.py market {shlex.join(words)}"


def _name(row: UsageDocument | InvoiceDocument) -> str:
    return "Usage" if isinstance(row, UsageDocument) else "Invoice"


def _ask(
    row: UsageDocument | InvoiceDocument,
    kind: str,
    title: str,
    text: str,
    now: dt.datetime,
    *,
    part: str = "",
    advice: str = "",
) -> None:
    money: Decimal | None = row.total_usd if isinstance(row, InvoiceDocument) else None
    open_work_item(
        kind=kind,
        key=f"set {row.inbound_set_id} {part}".rstrip(),
        title=title,
        text=text,
        send_via=VIA if advice else "",
        text_to_send=advice,
        esi_id=row.esi_id,
        tdsp_code=row.tdsp_code,
        inbound_set_id=row.inbound_set_id,
        reference=row.reference,
        money_at_risk_usd=money,
        now=now,
    )

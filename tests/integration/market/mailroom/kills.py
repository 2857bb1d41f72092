"""Receivers that are killed: at a statement, or at a random moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import connections

from ossrep.market.db import transaction
from ossrep.market.models import InboundFile, OutboundMessage, TradingPartner
from ossrep.market.usecases.interchange.processing import process_files
from ossrep.market.usecases.interchange.receiving_files import take_in
from ossrep.market.usecases.receiving import Outcome, Received
from tests.factories.market_mail import NOW, handling


def counting(received: Received) -> Outcome:
    """A handler with an effect that must happen once for each number: a partner of that code.

    Numbers that end in 7 are parked, those in 9 rejected, those in 5 fail in the middle.
    """
    number = received.transaction.reference
    with transaction():
        TradingPartner.objects.create(code=f"E{number}", name=received.transaction.esi_id)
    match number[-1]:
        case "7":
            return Outcome(state="parked", code="too_early")
        case "9":
            TradingPartner.objects.filter(code=f"E{number}").delete()
            return Outcome(state="rejected", code="A13")
        case "5":
            raise RuntimeError("fails in the middle")
    return Outcome(state="applied")


COUNTING = handling(k814_02=counting)


def receive_all(folder: Path) -> None:
    """What a receiver does: keep what is there, then process what is free."""
    list(take_in(paths=[folder], now=NOW))
    list(process_files(now=NOW, find_handler=COUNTING))


def process_all() -> None:
    """The second half alone."""
    list(process_files(now=NOW, find_handler=COUNTING))


def state() -> dict[str, Any]:
    """What counts of the mailroom, without ids and their order."""
    queries = {
        "files": "SELECT f.sha256, w.state FROM inbound_file f JOIN inbound_work w "
        "ON w.file_id = f.id",
        "bytes": "SELECT f.sha256, sum(length(c.data)) FROM inbound_file f "
        "JOIN inbound_chunk c ON c.file_id = f.id GROUP BY 1",
        "outcomes": "SELECT s.reference, s.place, o.number, o.state, o.code FROM inbound_outcome o "
        "JOIN inbound_set s ON s.id = o.inbound_set_id",
        "numbers": "SELECT partner, tdsp_duns, kind, reference FROM business_number",
        "answers": "SELECT kind, reference, segments::text FROM outbound_message",
        "queue": "SELECT m.reference FROM queued_message q JOIN outbound_message m "
        "ON m.id = q.message_id",
        "effects": "SELECT code, name FROM trading_partner WHERE code LIKE 'E%%'",
        "parked": "SELECT s.reference FROM parked_set p JOIN inbound_set s "
        "ON s.id = p.inbound_set_id WHERE p.settled_at IS NULL",
        "items": "SELECT kind, count(*) FROM work_queue_item GROUP BY 1",
    }
    found = {}
    for name, query in queries.items():
        with connections["market"].cursor() as cursor:
            cursor.execute(query)
            found[name] = sorted(cursor.fetchall(), key=repr)
    return found


def is_whole() -> bool:
    """Nothing of the one file beyond its bytes, or all of it with its 997."""
    tables = ("inbound_interchange", "inbound_group", "inbound_set", "inbound_outcome")
    with connections["market"].cursor() as cursor:
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE state = 'done') FROM inbound_work")
        stored, done = cursor.fetchone()
        cursor.execute(" UNION ALL ".join(f"SELECT count(*) > 0 FROM {name}" for name in tables))
        begun = [row[0] for row in cursor.fetchall()]
    answers = OutboundMessage.objects.filter(kind="997").count()
    files = InboundFile.objects.count()
    is_even = begun == [bool(done)] * len(tables) and answers == done
    return (files, stored) in ((0, 0), (1, 1)) and is_even

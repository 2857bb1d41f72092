"""What waits is found by an index: the tables behind the queues keep everything and only grow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import connections

from ossrep.infra.record_admin import RecordAdmin
from ossrep.market.db import connection
from ossrep.market.models import MarketrakIssue, RefusedFileRow, RefusedReadRow, WaitingMessage
from ossrep.market.queries.deadlines import late_or_nearly
from ossrep.market.queries.interchange.showing import NothingFound, show
from ossrep.market.queries.marketrak import list_issues
from ossrep.market.queries.orders import list_orders
from ossrep.market.queries.payables import list_payables
from ossrep.market.queries.quarantine import list_refused_file_rows, list_refused_read_rows
from ossrep.market.queries.work_items import list_work_items
from ossrep.market.usecases.interchange.packing import list_waiting_partners
from ossrep.market.usecases.interchange.processing import process_files
from ossrep.market.usecases.interchange.resending import ask_about_silence
from ossrep.market.usecases.orders.waiting import expire_waiting

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = dt.datetime(2026, 6, 4, 15, tzinfo=dt.UTC)

Statements = list[tuple[str, Any]]


def _waiting_in_admin(model: type[Any]) -> None:
    page = admin.site.get_model_admin(model)
    assert isinstance(page, RecordAdmin)
    assert page.count_waiting() == 0


def _show_nothing() -> None:
    with pytest.raises(NothingFound):
        show(wanted="A1")


QUEUES: dict[str, tuple[Callable[[], object], set[str]]] = {
    "work items": (lambda: list_work_items(limit=10), {"market_work_item_queue"}),
    "deadlines": (lambda: late_or_nearly(as_of=NOW), {"market_deadline_open"}),
    "open orders": (lambda: list_orders(kind="switch", is_open=True), {"market_order_open"}),
    "early messages": (lambda: expire_waiting(as_of=NOW), {"market_waiting_expiry"}),
    "payables": (list_payables, {"open_invoice"}),
    "silent groups": (lambda: ask_about_silence(now=NOW), {"market_outbound_group_waits"}),
    "unsent messages": (list_waiting_partners, {"queued_message"}),
    "stored files": (lambda: list(process_files(now=NOW)), {"market_work_open"}),
    "MarkeTrak issues": (list_issues, {"market_marketrak_open"}),
    "refused reads": (list_refused_read_rows, {"market_refused_read_open"}),
    "refused rows": (list_refused_file_rows, {"market_refused_row_open"}),
    "a reference": (_show_nothing, {"market_inbound_set_original", "market_outbound_original"}),
    "count of reads": (lambda: _waiting_in_admin(RefusedReadRow), {"market_refused_read_open"}),
    "count of rows": (lambda: _waiting_in_admin(RefusedFileRow), {"market_refused_row_open"}),
    "count of issues": (lambda: _waiting_in_admin(MarketrakIssue), {"market_marketrak_open"}),
    "count of messages": (lambda: _waiting_in_admin(WaitingMessage), {"market_waiting_open"}),
}


@pytest.fixture
def statements() -> Iterator[Statements]:
    """The queries that the market's database is asked during the test."""
    seen: Statements = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "SELECT" in sql[:20]:
            seen.append((sql, params))
        return execute(sql, params, many, context)

    with connections["market"].execute_wrapper(note):
        yield seen


class TestEveryQueue:
    @pytest.mark.parametrize("name", QUEUES)
    def test_is_read_by_its_own_index(self, name: str, statements: Statements) -> None:
        ask, indexes = QUEUES[name]

        ask()

        plans = _plans(list(statements))
        assert {index for index in indexes if index in plans} == indexes


def _plans(statements: Statements) -> str:
    """As the server would run them on large tables: without reading whole ones."""
    lines: list[str] = []
    with connection().cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for sql, params in statements:
            cursor.execute(f"EXPLAIN {sql}", params)
            lines += [row[0] for row in cursor.fetchall()]
    return "\n".join(lines)

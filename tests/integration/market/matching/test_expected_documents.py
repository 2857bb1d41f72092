"""A scheduled read without its usage or invoice is told to a person, at the exact minute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest

from ossrep.infra.services import standing_in
from ossrep.kernel.identifiers import EsiId, TdspCode
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.models import ReadDate, Tdsp, WorkItem
from ossrep.market.usecases.matching.expected import find_expected
from ossrep.published.customer import CustomerService
from tests.factories.market_matching import END, ESI_ID, START, Post, invoice_set, usage_set
from tests.fakes.customer import InMemoryCustomers, a_contract, an_account

pytestmark = pytest.mark.django_db(databases="__all__")

# The read of Wednesday 18 February 2026: usage is owed by Monday the 23rd 17:00 and 12 hours.
USAGE_DUE = dt.datetime(2026, 2, 24, 5, 0, tzinfo=MARKET_ZONE)
INVOICE_DUE = dt.datetime(2026, 2, 23, 17, 0, tzinfo=MARKET_ZONE)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def a_served_point() -> Iterator[None]:
    """One service point of cycle 07, read on the last day of the factories' period."""
    ReadDate.objects.create(
        tdsp=Tdsp.objects.get(code="ONCOR_ELEC"),
        read_cycle="07",
        month=END.replace(day=1),
        read_date=END,
    )
    contract = a_contract(
        contract_id=1,
        account_id=1,
        esi_id=EsiId(ESI_ID),
        tdsp_code=TdspCode("ONCOR_ELEC"),
        read_cycle="07",
        start_date=dt.date(2026, 1, 1),
    )
    customers = InMemoryCustomers([an_account(account_id=1, contracts=[contract])])
    with standing_in(CustomerService, customers):
        yield


def missing(as_of: dt.datetime) -> list[str]:
    return [each.kind for each in find_expected(as_of=as_of).missing]


class TestFindExpected:
    def test_nothing_is_late_at_the_minute_it_is_due(self) -> None:
        assert missing(INVOICE_DUE) == []

    def test_the_invoice_is_late_a_minute_after(self) -> None:
        assert missing(INVOICE_DUE + MINUTE) == ["810_02"]
        item = WorkItem.objects.get()
        assert (item.kind, item.esi_id, item.due_at) == ("document_missing", ESI_ID, INVOICE_DUE)

    def test_the_usage_is_late_twelve_hours_later(self) -> None:
        assert missing(USAGE_DUE) == ["810_02"]
        assert missing(USAGE_DUE + MINUTE) == ["867_03", "810_02"]

    def test_asks_once(self) -> None:
        missing(USAGE_DUE + MINUTE)
        missing(USAGE_DUE + MINUTE)
        assert WorkItem.objects.count() == 2

    def test_puts_the_last_invoice_at_risk(self, post: Post) -> None:
        start = dt.date(2025, 12, 18)
        post.bring(usage_set(start=start, end=START), invoice_set(start=start, end=START))
        missing(INVOICE_DUE + MINUTE)
        assert WorkItem.objects.get().money_at_risk_usd == Decimal("184.88")

    def test_what_has_come_is_not_missing(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set())
        assert missing(USAGE_DUE + MINUTE) == []

    def test_what_comes_late_settles_the_question(self, post: Post) -> None:
        missing(USAGE_DUE + MINUTE)
        post.bring(usage_set())
        report = find_expected(as_of=USAGE_DUE + MINUTE)
        assert report.come == 1
        assert list(WorkItem.objects.filter(state="resolved").values_list("key", flat=True)) == [
            f"867_03 {ESI_ID} {END}"
        ]

    def test_a_correction_that_waits_too_long_is_told(self, post: Post) -> None:
        post.bring(usage_set(reference="U2", purpose="01", corrects="U1"))
        # Received on Tuesday 24 November 2026; Thursday and Friday are holidays.
        assert find_expected(as_of=dt.datetime(2026, 11, 25, 15, tzinfo=dt.UTC)).waiting == 0
        report = find_expected(as_of=dt.datetime(2026, 12, 1, 15, 1, tzinfo=dt.UTC))
        assert report.waiting == 1
        assert WorkItem.objects.get(kind="document_waits").reference == "U2"

"""The commands around usage, invoices and payments, as a person runs them."""

from __future__ import annotations

import json
import re
from io import StringIO

import pytest
from django.core.management import call_command

from ossrep.market.usecases.matching.paying import InvalidShortPayment
from tests.factories.market_matching import Post, invoice_set, usage_set

pytestmark = pytest.mark.django_db(databases="__all__")

PAY = ("pay", "ONCOR_ELEC", "--due-by", "2026-03-26", "--date", "2026-03-26", "--by", "ann")


def market(*words: str) -> str:
    out = StringIO()
    call_command("market", *words, stdout=out)
    return out.getvalue()


class TestPayables:
    def test_as_json_lines(self, post: Post) -> None:
        post.bring(usage_set(), invoice_set())
        (line,) = market("payables", "--json").splitlines()
        found = json.loads(line)
        assert (found["reference"], found["open_usd"], found["due_date"]) == (
            "I1",
            "184.88",
            "2026-03-26",
        )


class TestPay:
    def test_short_with_a_reason(self, post: Post) -> None:
        post.bring(invoice_set())
        assert "100.00 USD sent" in market(*PAY, "--short", "I1=100.00:MARKETRAK 1")

    def test_above_the_limit_it_waits_for_the_second_person(self, post: Post) -> None:
        post.bring(invoice_set(charges=[("DIS001", "12000.00")]))
        told = market(*PAY)
        number = re.match(r"\w+", told)
        assert number is not None
        assert "a second person must approve it" in told
        assert "is queued" in market("approve", number[0], "--by", "bob")

    def test_words_that_are_no_short_payment_are_refused(self, post: Post) -> None:
        post.bring(invoice_set())
        with pytest.raises(InvalidShortPayment):
            market(*PAY, "--short", "I1")


class TestExpectedAndClaims:
    def test_nothing_to_tell(self) -> None:
        assert "0 missing" in market("expected", "--as-of", "2026-03-01T00:00")
        assert "0 differ" in market("claims")

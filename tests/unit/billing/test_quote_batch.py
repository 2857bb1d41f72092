"""``bill quote --batch``: an answer for each line, and the good cases go on."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from ossrep.billing.files.quote_batch import answer_batch


def case(**fields: Any) -> dict[str, Any]:
    flat = {"kind": "energy_flat", "code": "energy", "price_usd_per_kwh": "0.1"}
    plan = {
        "plan": "X",
        "name": "X",
        "brand": "X",
        "product_type": "fixed",
        "customer_class": "residential",
        "term_months": 1,
        "components": [flat],
    }
    period = {"start": "2026-06-01", "end": "2026-07-01"}
    return {"id": 1, "period": period, "plan": plan, "usage": {"import_kwh": "10"}} | fields


def batch(*lines: bytes) -> list[dict[str, Any]]:
    return list(answer_batch(stream=io.BytesIO(b"\n".join(lines)), name="cases.jsonl"))


class TestAnswerBatch:
    def test_answers_in_order_and_goes_on_after_a_bad_case(self) -> None:
        good, bad = case(id="good"), case(id="bad", usage={"import_kwh": 10})

        answers = batch(json.dumps(bad).encode(), b"", json.dumps(good).encode(), b"{", b"[]")

        assert [found["id"] for found in answers] == ["bad", "good", None, None]
        assert answers[0]["error"] == {
            "code": "invalid_case",
            "where": "usage.import_kwh",
            "message": 'must be a quoted decimal such as "0.125": 10',
        }
        assert answers[1]["total_usd"] == "1.00"
        assert (answers[2]["error"]["code"], answers[2]["error"]["where"]) == (
            "not_json",
            "cases.jsonl:4",
        )
        assert answers[3]["error"]["code"] == "invalid_case"

    @pytest.mark.parametrize(
        ("fields", "code", "where"),
        [
            (
                {"period": {"start": "2026-07-01", "end": "2026-07-01"}},
                "invalid_case",
                "period.end",
            ),
            ({"sites": []}, "invalid_case", "sites"),
            ({"colour": "green"}, "invalid_case", "colour"),
            ({"bank_in_usd": "-1"}, "invalid_case", "bank_in_usd"),
            ({"bank_in_usd": "0.001"}, "invalid_case", "bank_in_usd"),
            ({"tax_rates": {"puc": "2"}}, "invalid_case", "tax_rates.puc"),
            ({"tax": {"residential": True}}, "invalid_case", "tax.place"),
            (
                {"tax": {"residential": True, "place": {"code": "x", "local_taxes": [{}]}}},
                "invalid_case",
                "tax.place.local_taxes[0].code",
            ),
            ({"usage": {"import_kwh": "1", "days": [{}]}}, "invalid_case", "usage.days[0].date"),
            (
                {"usage": {"days": [{"date": "2026-06-01", "import_wh": [None] * 96}]}},
                "invalid_case",
                "usage.days[0].import_wh[0]",
            ),
            ({"prices": {"S": {"days": [{"date": "2026-06-01"}]}}}, "invalid_case", None),
            ({"period": {"start": "0001-01-01", "end": "9999-12-31"}}, "period_too_long", "period"),
            (
                {"prices": {"S": {"days": [{"date": "9999-12-31", "usd_per_mwh": []}]}}},
                "invalid_case",
                "prices.S.days[0].usd_per_mwh",
            ),
        ],
    )
    def test_names_the_field_that_is_wrong(
        self, fields: dict[str, Any], code: str, where: str | None
    ) -> None:
        (found,) = batch(json.dumps(case(**fields)).encode())

        assert found["error"]["code"] == code
        assert where is None or found["error"]["where"] == where

    @pytest.mark.parametrize(
        ("component", "code", "where"),
        [
            ({"kind": "energy_indexed", "series": "S"}, "intervals_needed", "sites[0].usage"),
            (
                {"kind": "demand", "price_usd_per_kw": "1"},
                "demand_needed",
                "sites[0].usage.peak_kw",
            ),
            (
                {"kind": "energy_flat", "price_usd_per_kwh": "1000000000"},
                "amount_too_large",
                "sites[0].plan",
            ),
            ({"kind": "delivery"}, "missing_tariff", "sites[0].tariff"),
        ],
    )
    def test_names_the_field_that_cannot_be_billed(
        self, component: dict[str, Any], code: str, where: str
    ) -> None:
        site = case(usage={"import_kwh": "10000000000"})
        site["plan"]["components"] = [{"code": "x", **component}]
        whole = {"period": site.pop("period"), "id": site.pop("id"), "sites": [site]}

        (found,) = batch(json.dumps(whole).encode())

        assert (found["error"]["code"], found["error"]["where"]) == (code, where)

    def test_names_the_market_prices_that_are_missing(self) -> None:
        days = {"days": [{"date": "2026-06-01", "import_wh": [1] * 96}]}
        spot = case(usage=days, period={"start": "2026-06-01", "end": "2026-06-02"})
        spot["plan"]["components"] = [{"kind": "energy_indexed", "code": "x", "series": "S"}]

        (found,) = batch(json.dumps(spot).encode())

        assert found["error"] == {
            "code": "missing_price",
            "where": "prices",
            "message": "series S has no price for 2026-06-01: load it",
        }

    def test_tells_the_first_problem_and_the_others(self) -> None:
        (found,) = batch(json.dumps(case(bank_in_usd="-1", colour="green")).encode())

        assert found["error"]["where"] == "bank_in_usd"
        assert found["error"]["message"].startswith(
            "must be from 0 to 1000000000: -1; also colour: unknown field; known here: "
        )

    def test_refuses_numbers_that_lost_digits(self) -> None:
        (found,) = batch(json.dumps(case()).replace('"0.1"', "0.1").encode())

        assert found["error"]["where"] == "plan.components[0].price_usd_per_kwh"

    def test_refuses_lines_that_say_two_things(self) -> None:
        twice = json.dumps(case()).replace('"10"', '"10", "import_kwh": "99"')

        (found,) = batch(twice.encode())

        assert found["error"] == {
            "code": "not_json",
            "where": "cases.jsonl:1",
            "message": "is not a JSON object on one line: "
            "the name 'import_kwh' stands twice in one object",
        }

    def test_answers_what_every_program_can_read(self) -> None:
        answers = batch(*(json.dumps(case(id=name)).encode() for name in ("\ud800", float("nan"))))

        assert [found["error"]["code"] for found in answers] == ["not_json", "not_json"]

    def test_survives_absurd_lines(self) -> None:
        answers = batch(b"[" * 100_000, b'{"id": ' + b"9" * 10_000 + b"}", b"\xff\xfe", b"null")

        assert [found["error"]["code"] for found in answers] == [
            "not_json",
            "not_json",
            "not_json",
            "invalid_case",
        ]

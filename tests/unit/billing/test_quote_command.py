"""``bill quote`` on files; none of these tests may touch a database, and pytest sees to it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from ossrep.billing.files.quote_batch import answer_batch
from ossrep.billing.files.quote_inputs import InvalidQuoteFiles, QuoteInputRefused
from ossrep.kernel.errors import DomainError

PLAN = """\
plan: FLAT-12
name: Flat
brand: EX
product_type: fixed
customer_class: residential
term_months: 12
components:
  - {kind: energy_flat, code: energy, price_usd_per_kwh: "0.1"}
  - {kind: delivery, code: delivery}
"""
TAX = """\
residential: true
place:
  code: tx-city
  population: 250000
"""
TARIFF = """\
rows:
  - {code: KWH, label: Wires, unit: kwh, rate_usd: "0.05", from: 2026-01-01}
"""
PERIOD = ["--period", "2026-06-01", "2026-07-01"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plan.yaml").write_text(PLAN)
    (tmp_path / "usage.json").write_text('{"import_kwh": "1000"}')
    (tmp_path / "tax.yaml").write_text(TAX)
    (tmp_path / "tariff.yaml").write_text(TARIFF)
    return tmp_path


def run(folder: Path, *arguments: str) -> str:
    out = io.StringIO()
    call_command("bill", "quote", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def quote(folder: Path, *arguments: str, usage: str = "usage.json") -> str:
    files = [str(folder / "plan.yaml"), "--usage", str(folder / usage)]
    if "--period" not in arguments:
        files += PERIOD
    return run(folder, *files, *arguments)


def quoted(folder: Path, *arguments: str, usage: str = "usage.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(quote(folder, *arguments, "--json", usage=usage))
    return found


def tariff(folder: Path) -> tuple[str, str]:
    return "--tariff", str(folder / "tariff.yaml")


class TestQuoteCommand:
    def test_answers_the_whole_bill_as_json(self, folder: Path) -> None:
        bill = quoted(folder, *tariff(folder), "--tax", str(folder / "tax.yaml"))

        assert [line["amount_usd"] for line in bill["lines"]] == ["100.00", "50.00"]
        assert [tax["amount_usd"] for tax in bill["taxes"]] == ["0.25", "3.00"]
        assert (bill["id"], bill["total_usd"]) == ("FLAT-12", "153.25")

    def test_prints_lines_with_their_recipes(self, folder: Path) -> None:
        lines = quote(folder, *tariff(folder)).splitlines()

        assert lines[1] == "\t".join(
            [
                "retailer",
                "Energy charge",
                "1000",
                "kwh",
                "0.1",
                "100.00",
                "1000 kWh x $0.1 = $100",
            ]
        )
        assert "total\t150.00" in lines

    def test_takes_the_shipped_tariff_of_a_tdsp(self, folder: Path) -> None:
        bill = quoted(folder, "--tdsp", "ONCOR_ELEC")

        delivery = [line for line in bill["lines"] if line["section"] == "delivery"]
        assert [line["amount_usd"] for line in delivery][:3] == ["1.48", "2.58", "36.04"]

    def test_refuses_a_tdsp_without_a_tariff(self, folder: Path) -> None:
        with pytest.raises(QuoteInputRefused, match="no shipped tariff of NOBODY"):
            quote(folder, "--tdsp", "NOBODY")

    def test_chooses_one_of_a_file_of_tariffs(self, folder: Path) -> None:
        rows = (
            '[{code: KWH, label: W, unit: kwh, rate_usd: "0.0R", from: 2026-01-01, source: said}]'
        )
        tariffs = "".join(
            f"  - {{tdsp: T{n}, rate_class: residential, source: x, confidence: tariff, "
            f"rows: {rows.replace('R', str(n))}}}\n"
            for n in (1, 2)
        )
        (folder / "tariff.yaml").write_text(f"tariffs:\n{tariffs}")

        bill = quoted(folder, *tariff(folder), "--tdsp", "T2")

        assert bill["lines"][1]["amount_usd"] == "20.00"

    def test_bills_an_interval_csv(self, folder: Path) -> None:
        values = ",".join(["0.25"] * 96)
        header = "esi_id,date,direction,as_of,quality," + ",".join(f"kwh_{n}" for n in range(1, 97))
        day = f"10443720000000001,2026-06-01,import,2026-06-02T10:00:00Z,A,{values}"
        (folder / "usage.csv").write_text(f"{header}\n{day}\n")

        bill = quoted(
            folder,
            *tariff(folder),
            "--period",
            "2026-06-01",
            "2026-06-02",
            usage="usage.csv",
        )

        assert (bill["import_kwh"], bill["total_usd"]) == ("24", "3.60")

    def test_wants_to_know_which_of_several_esi_ids(self, folder: Path) -> None:
        values = ",".join(["0.25"] * 96)
        header = "esi_id,date,direction,as_of,quality," + ",".join(f"kwh_{n}" for n in range(1, 97))
        days = "".join(
            f"1044372000000000{n},2026-06-01,import,2026-06-02T10:00:00Z,A,{values}\n"
            for n in (1, 2)
        )
        (folder / "usage.csv").write_text(f"{header}\n{days}")

        with pytest.raises(QuoteInputRefused, match="holds 2 ESI IDs: choose one with --esi-id"):
            quote(folder, *tariff(folder), usage="usage.csv")

    def test_names_file_line_and_field_of_each_problem(self, folder: Path) -> None:
        (folder / "plan.yaml").write_text(
            PLAN.replace('"0.1"', "0.1").replace("term_months: 12", "term_months: x")
        )

        with pytest.raises(InvalidQuoteFiles) as refused:
            quote(folder, *tariff(folder))

        plan = folder / "plan.yaml"
        found = [line.split(": ")[:2] for line in str(refused.value).splitlines()]
        assert [f"{plan}:8", "components[0].price_usd_per_kwh"] in found
        assert [f"{plan}:6", "term_months"] in found

    def test_refuses_a_bill_without_tariff(self, folder: Path) -> None:
        with pytest.raises(DomainError, match="no tariff row is in force"):
            quote(folder)

    def test_passes_bank_and_peak_on(self, folder: Path) -> None:
        buyback = (
            '  - {kind: solar_buyback, code: solar, mode: fixed, price_usd_per_kwh: "0.1", '
            "bank: {cap_usd: null}}\n"
            '  - {kind: demand, code: kw, price_usd_per_kw: "1", ratchet_percent: "50"}\n'
        )
        (folder / "plan.yaml").write_text(PLAN + buyback)
        (folder / "usage.json").write_text('{"import_kwh": "1000", "peak_kw": "3"}')

        bill = quoted(folder, *tariff(folder), "--bank-in", "30", "--prior-peak-kw", "20")

        amounts = {line["kind"]: line["amount_usd"] for line in bill["lines"]}
        assert (amounts["solar_bank_used"], amounts["demand"]) == ("-30.00", "10.00")

    def test_takes_first_bill_fees_unless_told(self, folder: Path) -> None:
        fee = '  - {kind: one_off, code: fee, amount_usd: "9"}\n'
        (folder / "plan.yaml").write_text(PLAN + fee)

        totals = [
            quoted(folder, *tariff(folder), *flags)["total_usd"]
            for flags in ((), ("--not-first-bill",))
        ]

        assert totals == ["159.00", "150.00"]

    def test_asks_for_what_is_missing_on_the_command_line(self, folder: Path) -> None:
        with pytest.raises(QuoteInputRefused, match="give PLAN"):
            run(folder, str(folder / "plan.yaml"))

    def test_refuses_usage_that_is_no_json(self, folder: Path) -> None:
        (folder / "usage.json").write_text("{")

        with pytest.raises(QuoteInputRefused, match="is not JSON"):
            quote(folder)


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

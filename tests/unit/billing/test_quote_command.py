"""``bill quote`` on files; none of these tests may touch a database, and pytest sees to it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from ossrep.billing.files.file_case import InvalidQuoteFiles, QuoteInputRefused
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


def refusal(folder: Path, *arguments: str, usage: str = "usage.json") -> str:
    with pytest.raises(DomainError) as refused:
        quote(folder, *arguments, usage=usage)
    return str(refused.value).replace(f"{folder}/", "")


def write_tariffs(folder: Path, *keys: tuple[str, str], rate: str = '"0.0{n}"') -> None:
    tariffs = "".join(
        f"  - tdsp: {tdsp}\n    rate_class: {rate_class}\n    source: x\n"
        f"    confidence: tariff\n    rows:\n"
        f"      - {{code: KWH, unit: kwh, rate_usd: {rate.format(n=n)}, from: 2026-01-01}}\n"
        for n, (tdsp, rate_class) in enumerate(keys, start=1)
    )
    (folder / "tariff.yaml").write_text(f"tariffs:\n{tariffs}")


def interval_csv(*days: tuple[str, str]) -> str:
    header = "esi_id,date,direction,as_of,quality," + ",".join(f"kwh_{n}" for n in range(1, 97))
    values = ",".join(["0.25"] * 96)
    rows = [
        f"10443720000000001,{date},{direction},2026-06-09T10:00:00Z,A,{values}"
        for date, direction in days
    ]
    return "\n".join([header, *rows]) + "\n"


class TestQuoteRefusals:
    def test_name_the_line_in_a_file_of_tariffs(self, folder: Path) -> None:
        write_tariffs(folder, ("T1", "residential"), ("T2", "residential"), rate="0.{n}")

        assert refusal(folder, *tariff(folder), "--tdsp", "T2") == (
            "tariff.yaml:13: tariffs[1].rows[0].rate_usd: "
            'must be a quoted decimal such as "0.125": 0.2'
        )

    def test_name_the_line_of_a_tax_rate(self, folder: Path) -> None:
        (folder / "tax.yaml").write_text(f"{TAX}tax_rates:\n  puc: 2\n")

        assert refusal(folder, *tariff(folder), "--tax", str(folder / "tax.yaml")).startswith(
            "tax.yaml:6: tax_rates.puc: must be a quoted fraction"
        )

    def test_name_the_file_of_what_cannot_be_billed(self, folder: Path) -> None:
        (folder / "tariff.yaml").write_text(TARIFF.replace("2026-01-01", "2026-06-02"))

        assert refusal(folder, *tariff(folder)) == (
            "tariff.yaml:1: no rate of KWH is in force from 2026-06-01 to before 2026-06-02: "
            "load a row for these days"
        )

    def test_name_the_option_of_what_is_no_file(self, folder: Path) -> None:
        assert refusal(folder, *tariff(folder), "--bank-in", "-1") == (
            "--bank-in: must be from 0 to 1000000000: -1"
        )

    @pytest.mark.parametrize(
        ("usage", "message"),
        [
            ("", "usage.csv: line 1: the file is empty, or its first line is"),
            (
                interval_csv(("2026-06-01", "import")).replace("0.25", "", 1),
                "usage.csv: days[0].import_wh[0]: 2026-06-01 00:00 is missing: "
                "estimate it first, nothing is guessed here",
            ),
        ],
    )
    def test_name_the_interval_file(self, folder: Path, usage: str, message: str) -> None:
        (folder / "usage.csv").write_text(usage)
        day = ("--period", "2026-06-01", "2026-06-02")

        assert refusal(folder, *tariff(folder), *day, usage="usage.csv") == message

    def test_name_an_esi_id_that_the_file_does_not_hold(self, folder: Path) -> None:
        (folder / "usage.csv").write_text(interval_csv(("2026-06-01", "import")))

        assert refusal(folder, "--esi-id", "10443720000000002", usage="usage.csv") == (
            "usage.csv: has nothing of ESI ID 10443720000000002; it holds 10443720000000001"
        )

    def test_tell_why_nothing_of_a_file_is_left(self, folder: Path) -> None:
        (folder / "usage.csv").write_text(interval_csv(("2026-03-08", "import")))

        told = refusal(folder, *tariff(folder), usage="usage.csv").splitlines()

        assert told[0] == "usage.csv: holds no day that can be billed"
        assert told[1] == "usage.csv:2: 96 quarter hours where 2026-03-08 has 92"

    def test_do_not_let_an_option_count_for_nothing(self, folder: Path) -> None:
        (folder / "tariff.yaml").write_text(f"tdsp: T1\n{TARIFF}")

        assert refusal(folder, *tariff(folder), "--tdsp", "T2").startswith(
            "tariff.yaml: is the tariff of T1 None"
        )
        assert refusal(folder, "--rate-class", "residential").startswith("--rate-class: ")
        assert refusal(folder, "--esi-id", "10443720000000002").startswith("--esi-id: ")
        with pytest.raises(QuoteInputRefused, match="--bank-in: leave it out: the cases"):
            run(folder, "--batch", "cases.jsonl", "--bank-in", "1")


class TestQuoteInputs:
    def test_take_the_rate_class_of_the_label(self, folder: Path) -> None:
        write_tariffs(folder, ("T1", "residential"), ("T1", "secondary"))
        (folder / "plan.yaml").write_text(f"{PLAN}efl: {{rate_class: secondary}}\n")

        bill = quoted(folder, *tariff(folder))

        assert bill["lines"][1]["amount_usd"] == "20.00"

    def test_take_what_plans_share(self, folder: Path) -> None:
        free = (
            "kind: free_weekends, code: energy, price_usd_per_kwh: '0.1', free_holidays: free_days"
        )
        (folder / "plan.yaml").write_text(
            f"{PLAN}".replace('kind: energy_flat, code: energy, price_usd_per_kwh: "0.1"', free)
        )
        (folder / "calendars.yaml").write_text(
            "effective: 2026-01-01\nholidays:\n  free_days: [2026-06-01]\n"
        )
        (folder / "usage.csv").write_text(interval_csv(("2026-06-01", "import")))
        arguments = (*tariff(folder), "--period", "2026-06-01", "2026-06-02")
        calendars = ("--calendars", str(folder / "calendars.yaml"))

        bill = quoted(folder, *arguments, *calendars, usage="usage.csv")

        assert [line["bucket"] for line in bill["lines"]] == ["free", "KWH"]
        (folder / "calendars.yaml").write_text("holidays:\n  free_days: [2026-06-31]\n")
        assert refusal(folder, *arguments, *calendars, usage="usage.csv") == (
            "calendars.yaml:2: holidays.free_days[0]: no such date: '2026-06-31'"
        )
        (folder / "calendars.yaml").write_text("calendar: {}\n")
        assert refusal(folder, *arguments, *calendars, usage="usage.csv") == (
            "calendars.yaml: must be a mapping with effective, holidays and calendars alone"
        )

    def test_say_on_which_days_an_exporter_exports_nothing(self, folder: Path) -> None:
        days = [("2026-06-01", "import"), ("2026-06-01", "export"), ("2026-06-02", "import")]
        (folder / "usage.csv").write_text(interval_csv(*days))
        files = [str(folder / "plan.yaml"), "--usage", str(folder / "usage.csv")]
        out, told = io.StringIO(), io.StringIO()

        call_command(
            "bill",
            "quote",
            *files,
            *tariff(folder),
            "--period",
            "2026-06-01",
            "2026-06-03",
            stdout=out,
            stderr=told,
        )

        assert told.getvalue().endswith("no export on 2026-06-02: counted as 0 kWh\n")

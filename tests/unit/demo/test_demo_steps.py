from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from ossrep.demo.deliveries import deliveries
from ossrep.demo.folder import DemoFolder
from ossrep.demo.parameters import DemoParameters
from ossrep.demo.runner import run_command
from ossrep.demo.schedule import Schedule
from ossrep.demo.steps import catch_up_step, interval_step, run_step
from ossrep.demo.told import Told
from ossrep.infra.invariants import BREACHES_SHOWN_MAX
from ossrep.kernel.errors import DomainError


class TestTold:
    def test_reads_a_table_by_its_header(self) -> None:
        told = Told(lines=["kind\tcreated", "customer\t7", "account\t9", "2 rows wait"])

        assert told.table() == [
            {"kind": "customer", "created": "7"},
            {"kind": "account", "created": "9"},
        ]

    def test_has_no_table_where_nothing_was_listed(self) -> None:
        assert Told(lines=["kind\tcreated"]).table() == []
        assert Told().table() == []


class TestRunStep:
    def test_bills_a_cycle_as_of_its_day(self) -> None:
        run = next(Schedule(as_of=dt.date(2026, 11, 22), months=1).runs())

        step = run_step(run=run)

        assert step.key == "run-2026-11-04"
        assert step.command == (
            *("bill", "run", "--cycle", "04"),
            *("--as-of", "2026-11-07", "--json"),
        )


class TestCatchUpStep:
    def test_bills_all_cycles_when_late_files_are_there(self) -> None:
        october, november = deliveries(schedule=DemoParameters().schedule)

        assert catch_up_step(delivery=october).command[2:4] == ("--as-of", "2026-10-29")
        assert catch_up_step(delivery=november).command[2:4] == ("--as-of", "2026-11-22")

    def test_tells_how_many_were_billed(self) -> None:
        delivery = next(deliveries(schedule=DemoParameters().schedule))

        note = catch_up_step(delivery=delivery).note(Told(rows=[{"billed": 1_007, "held": 3}]))

        assert note == "1,007 billed, 3 held"


class TestIntervalStep:
    def test_fails_where_a_file_could_not_be_read(self, tmp_path: Path) -> None:
        delivery = next(deliveries(schedule=DemoParameters().schedule))
        step = interval_step(folder=DemoFolder(path=tmp_path), delivery=delivery, workers=2)

        rows = [{"file": "a.lse", "error": ""}, {"file": "b.lse", "error": "broken off"}]

        assert step.problem(Told(rows=rows)) == "b.lse: broken off"


@pytest.mark.django_db(databases="__all__")
class TestRunCommand:
    def test_takes_json_lines_and_tables_apart(self) -> None:
        verdicts = run_command("verify", "--json").rows
        listed = run_command("market", "list-tdsps").table()

        assert {verdict["holds"] for verdict in verdicts} == {True}
        assert max(len(verdict["breaches"]) for verdict in verdicts) <= BREACHES_SHOWN_MAX
        assert len(listed) == 11

    def test_raises_what_it_did_not_expect(self) -> None:
        with pytest.raises(DomainError, match="no such file or folder"):
            run_command("meter", "import", "nowhere")

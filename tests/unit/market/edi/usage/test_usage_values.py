from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from ossrep.market.edi.errors import EdiError
from ossrep.market.edi.texas_set.intervals import IntervalSeries
from ossrep.market.edi.texas_set.model import Moment, Party, Placed, Stray
from ossrep.market.edi.texas_set.usage import (
    Estimate,
    HistoricalUsage,
    InitialRead,
    Measurement,
    MonthlyUsage,
    Reading,
    UsageLoop,
)
from ossrep.market.edi.texas_set.usage_checks import check_usage
from ossrep.market.edi.texas_set.usage_totals import UsageTotals, total_usage
from ossrep.market.edi.texas_set.writing import write_transaction
from tests.unit.market.edi.usage.files import (
    AS_OF,
    day,
    read_set,
    read_text,
    sets_of,
    transactions_of,
    usage_of,
)

START, END = day(2026, 2, 2), day(2026, 3, 3)
HEAD = "BPT*00*R1*20260304*DD~REF*Q5**10443720000000031~"


def energy(quantity: str, *, begin: str | None = None, end: str | None = None) -> Measurement:
    return Measurement(
        measures="PRQ",
        quantity=Decimal(quantity),
        unit="KH",
        quality="AA" if end else "",
        begin=Decimal(begin) if begin else None,
        end=Decimal(end) if end else None,
        time_of_use="51",
    )


class TestMonthlyUsage:
    def test_has_the_values_that_the_file_has(self) -> None:
        found = usage_of("monthly.edi")

        demand = Measurement(measures="PRQ", quantity=Decimal("7.2"), unit="K1", time_of_use="51")
        assert found == MonthlyUsage(
            reference="USG000000000000000011",
            date=dt.date(2026, 3, 4),
            esi_id="10443720000000031",
            tdsp=Party("PRAIRIE WIRES", "1039940674000"),
            retailer=Party("LONE STAR RETAIL", "1234567890000"),
            ercot=Party("ERCOT", "183529049"),
            purpose="00",
            report_type="DD",
            loops=(
                UsageLoop(
                    kind="SU",
                    start=START,
                    end=END,
                    meter_type="KHMON",
                    readings=(
                        Reading(
                            qualifier="QD",
                            quantity=Decimal("1281.6"),
                            unit="KH",
                            measurements=(energy("1281.6"),),
                        ),
                    ),
                ),
                UsageLoop(
                    kind="SU",
                    start=START,
                    end=END,
                    meter_type="K1MON",
                    readings=(
                        Reading(
                            qualifier="QD",
                            quantity=Decimal("7.2"),
                            unit="K1",
                            measurements=(demand,),
                        ),
                    ),
                ),
                UsageLoop(
                    kind="PL",
                    start=START,
                    end=END,
                    meter="000000031LG",
                    meter_type="KHMON",
                    role="A",
                    readings=(
                        Reading(
                            qualifier="QD",
                            quantity=Decimal("1281.6"),
                            unit="KH",
                            measurements=(energy("1281.6", begin="4410.5", end="4517.3"),),
                            multiplier=Decimal(12),
                        ),
                    ),
                ),
                UsageLoop(
                    kind="PL",
                    start=START,
                    end=END,
                    meter="000000031LG",
                    meter_type="K1MON",
                    role="A",
                    readings=(
                        Reading(
                            qualifier="QD",
                            quantity=Decimal("7.2"),
                            unit="K1",
                            measurements=(
                                replace(demand, quality="AA", begin=Decimal(0), end=Decimal("0.6")),
                            ),
                            multiplier=Decimal(12),
                        ),
                    ),
                ),
            ),
        )

    def test_names_what_it_replaces(self) -> None:
        found = usage_of("monthly.edi", 1)

        assert (found.purpose, found.original_reference) == ("05", "USG000000000000000002")

    def test_totals_a_plain_month(self) -> None:
        assert total_usage(usage_of("monthly.edi")) == UsageTotals(
            start=dt.date(2026, 2, 2),
            end=dt.date(2026, 3, 3),
            import_kwh=Decimal("1281.6"),
            export_kwh=Decimal(0),
            peak_kw=Decimal("7.2"),
            demands=(("K1", Decimal("7.2")),),
            is_estimated=False,
            is_final=False,
        )

    def test_totals_a_month_with_an_exchange_and_outflow(self) -> None:
        assert total_usage(usage_of("exchange.edi")) == UsageTotals(
            start=dt.date(2026, 2, 1),
            end=dt.date(2026, 3, 3),
            import_kwh=Decimal(760),
            export_kwh=Decimal(312),
            peak_kw=None,
            demands=(("K4", Decimal("9.5")),),
            is_estimated=True,
            is_final=True,
        )

    def test_adds_the_meters_up_where_there_is_no_summary(self) -> None:
        usage = usage_of("exchange.edi")
        bare = replace(usage, loops=tuple(usage.loops_of("PL")))

        assert total_usage(bare).import_kwh == Decimal(300 + 500 - 40)

    def test_reads_an_exchanged_meter(self) -> None:
        old, new = list(usage_of("exchange.edi").loops_of("PL"))[:2]

        assert (old.begins_on, old.ends_on) == (dt.date(2026, 2, 1), dt.date(2026, 2, 11))
        assert (new.begins_on, new.ends_on) == (dt.date(2026, 2, 11), dt.date(2026, 3, 3))
        assert [each.time_of_use for each in old.readings[0].measurements] == ["42", "41", "51"]

    def test_reads_the_estimate_and_the_order(self) -> None:
        usage = usage_of("exchange.edi")

        assert usage.estimates == (Estimate(reason="O1", text="TDSP REASON"),)
        assert usage.order_reference == "ORDER000000000000033"

    def test_reads_the_reason_of_one_loop(self) -> None:
        found = read_text(f"{HEAD}PTD*PL~REF*5I*O1*DOG IN YARD~QTY*KA*12*KH~")

        assert isinstance(found, MonthlyUsage)
        assert found.loops[0].estimates == (Estimate(reason="O1", text="DOG IN YARD"),)
        assert found.loops[0].readings[0].quantity == Decimal(12)

    def test_reads_unmetered_devices(self) -> None:
        usage = usage_of("unmetered.edi")

        assert (usage.purpose, usage.original_reference) == ("01", "USG000000000000000004")
        assert usage.loops[0].unmetered_type == "SL"
        assert usage.loops[0].readings[0].devices == Decimal(10)
        assert usage.loops[0].readings[0].quantity_per_device == Decimal(55)
        assert total_usage(usage).import_kwh == Decimal(550)

    def test_takes_the_meter_of_the_loop_head(self) -> None:
        found = read_text(f"{HEAD}PTD*PM***MG*M77~REF*MT*KH015~")

        assert isinstance(found, MonthlyUsage)
        assert found.loops[0].meter_number == "M77"

    def test_out_of_order_is_read_again_from_what_is_written(self) -> None:
        usage = usage_of("exchange.edi")

        assert read_set(write_transaction(usage)[1:-1]) == usage

    @pytest.mark.parametrize("name", ["monthly.edi", "unmetered.edi"])
    def test_is_written_back_as_it_came(self, name: str) -> None:
        for found, transaction in zip(sets_of(name), transactions_of(name), strict=True):
            written = write_transaction(transaction, control_number=found.control_number)

            assert written == [list(segment) for segment in found.segments]

    @pytest.mark.parametrize("name", ["monthly.edi", "exchange.edi", "unmetered.edi"])
    def test_means_the_same_in_any_order_of_its_loops(self, name: str) -> None:
        usage = usage_of(name)
        order = random.Random(4)

        for _ in range(20):
            loops = list(usage.loops)
            order.shuffle(loops)
            shuffled = replace(usage, loops=tuple(loops))

            assert total_usage(shuffled) == total_usage(usage)
            assert check_usage(shuffled, as_of=AS_OF) == check_usage(usage, as_of=AS_OF)

    def test_keeps_what_no_table_knows(self) -> None:
        found = read_text(
            f"{HEAD}PTD*PL~REF*XX*NEW THING~QTY*QD*12*KH~MEA**PRQ*12*KH***51*SURPRISE~"
        )

        assert found.unknown == (Placed(3, ["REF", "XX", "NEW THING"]),)
        assert found.strays == (Stray("PTD#1/QTY#1/MEA#1", 8, "SURPRISE"),)
        assert ["REF", "XX", "NEW THING"] in write_transaction(found)

    def test_refuses_to_leave_out_what_has_no_place(self) -> None:
        usage = replace(usage_of("monthly.edi"), estimates=(Estimate(reason="O1", denials=2),))

        with pytest.raises(EdiError, match="no place for denials"):
            write_transaction(usage)


class TestOtherUsage:
    def test_reads_an_initial_read(self) -> None:
        found = usage_of("initial.edi")

        assert found == InitialRead(
            reference="USG000000000000000015",
            date=dt.date(2026, 3, 4),
            original_reference="ORDER000000000000035",
            esi_id="10443720000000035",
            tdsp=Party("PRAIRIE WIRES", "1039940674000"),
            retailer=Party("LONE STAR RETAIL", "1234567890000"),
            ercot=Party("ERCOT", "183529049"),
            purpose="SU",
            loops=(
                UsageLoop(
                    kind="BJ",
                    read_on=day(2026, 3, 2),
                    meter="000000035LG",
                    readings=(
                        Reading(
                            qualifier="QD",
                            measurements=(
                                Measurement(unit="KH", end=Decimal(18204), time_of_use="51"),
                            ),
                        ),
                    ),
                ),
            ),
        )
        assert isinstance(found, InitialRead)
        assert found.read_date == dt.date(2026, 3, 2)

    def test_reads_history(self) -> None:
        found = usage_of("history.edi")

        assert isinstance(found, HistoricalUsage)
        assert found.original_reference == "ORDER000000000000036"
        assert (found.customer_name, found.bill_cycle, found.rate_class) == (
            "PAT EXAMPLE",
            "07",
            "D0",
        )
        assert [
            (loop.begins_on, loop.ends_on, loop.readings[0].quantity) for loop in found.loops
        ] == [
            (dt.date(2026, 1, 1), dt.date(2026, 2, 2), Decimal(1110)),
            (dt.date(2026, 2, 2), dt.date(2026, 3, 3), Decimal("980.5")),
        ]

    @pytest.mark.parametrize("name", ["initial.edi", "history.edi"])
    def test_is_written_back_as_it_came(self, name: str) -> None:
        found, transaction = sets_of(name)[0], transactions_of(name)[0]

        assert write_transaction(transaction) == [list(segment) for segment in found.segments]


PM = "PTD*PM~DTM*150*20260119~DTM*151*20260120~REF*MG*M1~REF*JH*A~REF*MT*KH015~"
PAIRS = (
    "QTY*QD*0.214*KH~DTM*194*20260119*0015~QTY*KA*1.5*KH~DTM*194*20260119*0030~"
    "QTY*QD*.125*KH~DTM*194*20260119*0045~"
)


class TestIntervals:
    def test_become_columns(self) -> None:
        found = read_text(HEAD + PM + PAIRS)

        assert isinstance(found, MonthlyUsage)
        series = found.loops[0].intervals
        assert series == IntervalSeries(
            unit="KH",
            minutes=15,
            end_minutes=(29480055, 29480070, 29480085),
            millionths=(214_000, 1_500_000, 125_000),
            qualifiers=("QD", "KA", "QD"),
        )
        assert series is not None
        assert series.start_at == dt.datetime(2026, 1, 19, 6, tzinfo=dt.UTC)
        assert series.end_at == dt.datetime(2026, 1, 19, 6, 45, tzinfo=dt.UTC)
        assert series.total == Decimal("1.839")
        assert series.quantities() == (Decimal("0.214"), Decimal("1.5"), Decimal("0.125"))
        assert series.thousandths().tolist() == [214, 1500, 125]
        assert (
            series.starts().tolist()
            == np.array(
                ["2026-01-19T06:00", "2026-01-19T06:15", "2026-01-19T06:30"], dtype="datetime64[m]"
            ).tolist()
        )

    def test_stand_apart_from_quantities_of_the_loop(self) -> None:
        found = read_text(HEAD + PM + "QTY*QD*2*KH~MEA**PRQ*2*KH***51~" + PAIRS)

        assert isinstance(found, MonthlyUsage)
        assert [reading.quantity for reading in found.loops[0].readings] == [Decimal(2)]
        assert found.loops[0].intervals is not None
        assert len(found.loops[0].intervals) == 3

    def test_go_on_behind_an_unknown_segment(self) -> None:
        pairs = PAIRS.replace("QTY*KA", "REF*ZZ*ODD~QTY*KA")
        found, plain = read_text(HEAD + PM + pairs), read_text(HEAD + PM + PAIRS)

        assert isinstance(found, MonthlyUsage)
        assert isinstance(plain, MonthlyUsage)
        assert found.loops == plain.loops
        assert [placed.segment for placed in found.unknown] == [["REF", "ZZ", "ODD"]]

    def test_keep_elements_that_no_table_knows(self) -> None:
        pairs = PAIRS.replace("*0030~", "*0030*CT~")
        found = read_text(HEAD + PM + pairs)

        assert found.strays == (Stray("PTD#1/interval#2/DTM", 4, "CT"),)
        written = write_transaction(found)
        assert ["DTM", "194", "20260119", "0030", "CT"] in written
        assert read_set(written[1:-1]) == found

    def test_of_two_loops_stay_in_theirs(self) -> None:
        second = PM.replace("M1", "M2") + "QTY*QD*9*KH~DTM*194*20260119*0015~"
        found = read_text(HEAD + PM + PAIRS + second)

        assert isinstance(found, MonthlyUsage)
        lengths = [len(loop.intervals) for loop in found.loops if loop.intervals is not None]
        assert lengths == [3, 1]

    @pytest.mark.parametrize(
        ("old", "new", "segment", "element"),
        [
            ("0.214", "x", 10, 2),
            ("1.5", "1e3", 12, 2),
            (".125", "", 14, 2),
            ("0.214", "0.2145678", 10, 2),
            ("*20260119*0030", "*20260230*0030", 13, 2),
            ("*20260119*0045", "*20260119*2460", 15, 2),
            ("*1.5*KH", "*1.5*K3", 10, 3),
        ],
    )
    def test_say_where_they_are_wrong(self, old: str, new: str, segment: int, element: int) -> None:
        with pytest.raises(EdiError) as error:
            read_text(HEAD + PM + PAIRS.replace(old, new, 1))

        assert (error.value.fault.segment, error.value.fault.element) == (segment, element)

    def test_leave_the_place_of_other_faults_right(self) -> None:
        with pytest.raises(EdiError) as error:
            read_text(HEAD + PM + PAIRS + "PTD*SU~DTM*150*2026011~")

        assert (error.value.fault.tag, error.value.fault.segment) == ("DTM", 17)

    def test_of_the_excerpt_are_those_of_the_file(self) -> None:
        found = transactions_of("constructed_867_03_interval_excerpt.edi")[0]

        assert isinstance(found, MonthlyUsage)
        series = found.loops[2].intervals
        assert series is not None
        assert series.quantities() == tuple(
            Decimal(text) for text in ("0.214", "0.198", "0.201", "0.195")
        )
        assert found.loops[0].start == Moment(dt.date(2026, 1, 19), dt.time())

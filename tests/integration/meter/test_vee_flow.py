"""Validation, estimation, and the actual values that come later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from ossrep.infra.invariants import assert_invariants
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.meter.domain.revisions import Outcome
from ossrep.meter.models import IntervalDay, VeeResult, VeeRuleset, VeeThreshold
from ossrep.meter.usecases.estimate_usage import EstimationReport, estimate_usage
from ossrep.meter.usecases.record_register_usage import record_register_usage
from ossrep.meter.usecases.set_threshold import InvalidThreshold, set_threshold
from ossrep.meter.usecases.validate_usage import ValidationReport, validate_usage
from ossrep.published.market import UsageReceived
from tests.factories.interval_files import SPRING_DAY, ADay, esi_id, interval_csv, lse
from tests.integration.meter.importing import RECEIVED_AT, current_values, import_bytes
from tests.integration.meter.serving import AS_OF, END, START, a_book, the_windows
from tests.integration.meter.test_import_files import events

pytestmark = pytest.mark.django_db(databases="__all__")

ONE = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _book() -> Iterator[None]:
    with a_book(points=3):
        yield


def a_period(*, without: tuple[int, ...] = (), **fields: object) -> list[ADay]:
    """Days of the period, each with values of its own."""
    return [
        ADay(
            esi_id=esi_id(1),
            date=START + n * ONE,
            wh=[300 + n + 5 * (i % 9) for i in range(92 if START + n * ONE == SPRING_DAY else 96)],
            **fields,  # type: ignore[arg-type]
        )
        for n in range((END - START).days)
        if n not in without
    ]


def estimate() -> EstimationReport:
    return estimate_usage(windows=the_windows()[:1], as_of=AS_OF, received_at=RECEIVED_AT)


def validate() -> ValidationReport:
    return validate_usage(windows=the_windows()[:1], found_at=RECEIVED_AT)


def register(**changes: object) -> UsageReceived:
    usage: dict[str, object] = {
        "esi_id": esi_id(1),
        "start_date": START,
        "end_date": END,
        "import_kwh": "960.5",
        "export_kwh": "0",
        "peak_kw": "5.4",
        "is_estimated": False,
        "is_final": False,
        "source_reference": "867-1",
        "received_at": RECEIVED_AT,
    }
    return UsageReceived(**{**usage, **changes})  # type: ignore[arg-type]


class TestEstimateUsage:
    def test_makes_absent_days_from_like_days(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse(a_period(without=(10,))))
        absent = START + 10 * ONE

        report = estimate()

        assert (report.days, report.methods, report.unsupported) == (1, {"like_day": 96}, [])
        values, letters = current_values()[esi_id(1), absent, 0]
        # Friday is made from Thursday, Wednesday and Tuesday: days 9, 8 and 7.
        assert values[:3] == [308, 313, 318]
        assert letters == "L" * 96
        day = IntervalDay.objects.get(date=absent)
        assert (day.source, day.estimated_intervals) == (9, 96)
        assert day.source_time == dt.datetime.combine(absent, dt.time(), MARKET_ZONE)
        assert_invariants(contexts=["meter"])

    def test_closes_gaps_of_a_day_that_is_there(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse(a_period(without=(10,))))
        day = START + 10 * ONE
        wh = [400] * 96
        wh[20] = wh[21] = -1
        import_bytes(tmp_path, "b.csv", interval_csv([ADay(esi_id=esi_id(1), date=day, wh=wh)]))

        report = estimate()

        assert report.methods == {"interpolation": 2}
        values, letters = current_values()[esi_id(1), day, 0]
        assert values == [400] * 96
        assert letters == "A" * 20 + "II" + "A" * 74

    def test_changes_nothing_the_second_time(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse(a_period(without=(10, 11))))
        estimate()

        report = estimate()

        assert report.days == 0
        assert IntervalDay.objects.filter(source=9).count() == 2

    def test_gives_way_to_actual_values_and_says_so(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse(a_period(without=(10,))))
        estimate()
        estimated = sum(current_values()[esi_id(1), START + 10 * ONE, 0][0])
        actual = a_period()[10]

        report = import_bytes(tmp_path, "b.lse", lse([actual]))

        assert report.tally.outcomes == {Outcome.REPLACED: 1}
        assert current_values()[esi_id(1), actual.date, 0] == (actual.values(), "A" * 96)
        (event,) = events()
        assert (event["was_estimated"], event["wh_before"], event["wh_after"]) == (
            True,
            estimated,
            sum(actual.values()),
        )

    def test_never_overtakes_actual_values(self, tmp_path: Path) -> None:
        # A read of the first second of the day is later than any estimate of it.
        early = dt.datetime.combine(START, dt.time(), MARKET_ZONE)
        estimate_first = [ADay(esi_id=esi_id(1), date=START - n * ONE) for n in (1, 2, 3)]
        import_bytes(tmp_path, "a.lse", lse(estimate_first))
        estimate()

        report = import_bytes(
            tmp_path, "b.lse", lse([ADay(esi_id=esi_id(1), date=START, known_at=early)])
        )

        assert report.tally.outcomes == {Outcome.REPLACED: 1}
        assert current_values()[esi_id(1), START, 0][1] == "A" * 96

    def test_spreads_what_the_register_has_where_no_day_is_known(self) -> None:
        record_register_usage(usage=register(import_kwh="960.5"))

        report = estimate()

        assert report.days == 30
        assert report.methods == {"profile": 30 * 96 - 4}
        total = sum(sum(values) for values, _ in current_values().values())
        assert total == 960_500
        assert_invariants(contexts=["meter"])

    def test_leaves_what_nothing_supports(self) -> None:
        report = estimate()

        assert (report.days, len(report.unsupported)) == (0, 30)
        assert current_values() == {}

    def test_makes_export_from_like_days_only(self, tmp_path: Path) -> None:
        exports = a_period(without=(29,), direction="export")
        import_bytes(tmp_path, "a.lse", lse([*a_period(), *exports]))

        report = estimate()

        assert report.methods == {"like_day": 96}
        assert current_values()[esi_id(1), START + 29 * ONE, 1][1] == "L" * 96


class TestValidateUsage:
    def test_passes_usual_days(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse(a_period()))

        report = validate()

        assert (report.days, report.periods, report.failed) == (30, 0, {})

    def test_counts_absent_days_as_gaps(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse(a_period(without=(10, 26))))

        report = validate()

        assert report.failed == {"gap": 2}
        assert set(VeeResult.objects.values_list("date", "revision", "measured")) == {
            (START + 10 * ONE, 0, 96),
            (SPRING_DAY, 0, 92),
        }

    def test_judges_by_changed_thresholds_under_a_new_ruleset(self, tmp_path: Path) -> None:
        days = a_period()
        days[5] = ADay(esi_id=esi_id(1), date=days[5].date, wh=[300] * 95 + [2_400])
        import_bytes(tmp_path, "a.lse", lse(days))
        before = validate()
        set_threshold(rule="spike", name="wh_considered_from", value=2_000)

        after = validate()

        assert (before.failed, after.failed) == ({"stuck": 1}, {"stuck": 1, "spike": 1})
        assert after.ruleset_id != before.ruleset_id
        result = VeeResult.objects.get(rule="spike")
        assert (result.date, result.measured, result.allowed) == (days[5].date, 800, 500)
        assert (result.first_interval, result.ruleset_id) == (95, after.ruleset_id)

    def test_takes_the_threshold_of_one_meter_point(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse(a_period(without=(10,))))
        set_threshold(rule="gap", name="missing_intervals_max", value=96, esi_id=esi_id(1))

        assert validate().failed == {}

    def test_writes_results_down_once_for_each_ruleset(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse(a_period(without=(10,))))
        validate()

        validate()

        assert VeeResult.objects.count() == 1

    def test_compares_the_register_with_the_intervals(self, tmp_path: Path) -> None:
        days = a_period()
        total = sum(sum(day.values()) for day in days)
        import_bytes(tmp_path, "a.lse", lse(days))
        record_register_usage(usage=register(import_kwh=f"{(total + 9_000) / 1000:.3f}"))

        report = validate()

        assert (report.periods, report.failed) == (1, {"period_sum_check": 1})
        result = VeeResult.objects.get()
        assert (result.date, result.end_date, result.measured) == (START, END, 9_000)


class TestRecordRegisterUsage:
    def test_judges_the_period_at_once(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse(a_period()))

        record_register_usage(usage=register(import_kwh="1"))

        assert VeeResult.objects.get().rule == "period_sum_check"

    def test_judges_nothing_while_intervals_are_missing(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse(a_period(without=(3,))))

        record_register_usage(usage=register(import_kwh="1"))

        assert VeeResult.objects.count() == 0


class TestSetThreshold:
    def test_keeps_the_old_ruleset_for_what_it_judged(self, tmp_path: Path) -> None:
        import_bytes(tmp_path, "a.lse", lse(a_period(without=tuple(range(1, 30)))))
        first = IntervalDay.objects.get().vee_ruleset_id

        set_threshold(rule="stuck", name="equal_intervals_max", value=40)
        import_bytes(tmp_path, "b.lse", lse(a_period(without=(0, *range(2, 30)))))

        rulesets = {
            day.date: VeeRuleset.objects.get(pk=day.vee_ruleset_id).rules["thresholds"]
            for day in IntervalDay.objects.all()
        }
        assert rulesets[START]["stuck.equal_intervals_max"] == 31
        assert rulesets[START + ONE]["stuck.equal_intervals_max"] == 40
        assert IntervalDay.objects.get(date=START).vee_ruleset_id == first

    @pytest.mark.parametrize(
        ("rule", "name", "value", "point"),
        [
            ("spike", "nothing", 1, None),
            ("gap", "missing_intervals_max", -1, None),
            ("gap", "missing_intervals_max", 1, "10443729999999999"),
        ],
    )
    def test_refuses_what_no_rule_knows(
        self, rule: str, name: str, value: int, point: str | None
    ) -> None:
        before = list(VeeThreshold.objects.values_list("rule", "name", "value"))

        with pytest.raises(InvalidThreshold):
            set_threshold(rule=rule, name=name, value=value, esi_id=point)

        assert list(VeeThreshold.objects.values_list("rule", "name", "value")) == before

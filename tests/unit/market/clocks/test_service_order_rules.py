import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from ossrep.market.domain.holidays import build_calendars
from ossrep.market.domain.service_orders import (
    DisconnectFacts,
    UnknownServiceOrderCode,
    check_disconnect,
    choose_priority,
    get_code,
    get_parameters,
    is_extreme_weather,
    next_day_for_disconnects,
    reconnect_leaves_by,
    says_of_answer,
    says_of_notice,
)

CHICAGO = ZoneInfo("America/Chicago")
CALENDAR = build_calendars().ercot
SATURDAY = dt.date(2026, 1, 3)
WEEK = [SATURDAY + dt.timedelta(days=d) for d in range(7)]


def decisions(highs: list[int] | None = None, advisories: str = "") -> str:
    """N no disconnect, D allowed, for Monday to Friday."""
    names = ["Sat", "Sun", "Mon", "Tue", "Wed", "Thu", "Fri"]
    days = [WEEK[names.index(name)] for name in advisories.split()]
    told = dict(zip(WEEK, highs or [], strict=False))
    return "".join(
        "N" if is_extreme_weather(date=day, highs_f=told, heat_advisories=days) else "D"
        for day in WEEK[2:]
    )


class TestIsExtremeWeather:
    @pytest.mark.parametrize(
        ("highs", "expected"),
        [
            ([28, 28, 32, 34, 34, 32, 32], "NDDDN"),
            ([28, 28, 32, 32, 34, 32, 45], "NNDDD"),
            ([28, 28, 32, 30, 34, 32, 25], "NNDDN"),
        ],
    )
    def test_follows_the_highs_of_two_days(self, highs, expected):
        assert decisions(highs) == expected

    @pytest.mark.parametrize(
        ("advisories", "expected"), [("Sat Sun Mon Fri", "NNNDN"), ("Sat Wed", "NDNNN")]
    )
    def test_lasts_two_days_after_an_advisory(self, advisories, expected):
        assert decisions(advisories=advisories) == expected

    def test_takes_a_missing_forecast_for_warm(self):
        assert decisions([28, 28]) == "DDDDD"


def facts(**more: object) -> DisconnectFacts:
    values = {
        "tdsp_code": "ONCOR_ELEC",
        "wanted_date": dt.date(2026, 6, 3),
        "today": dt.date(2026, 6, 1),
        **more,
    }
    return DisconnectFacts(**values)  # type: ignore[arg-type]


def codes(**more: object) -> list[str]:
    return [r.code for r in check_disconnect(facts=facts(**more), calendar=CALENDAR)]


class TestCheckDisconnect:
    def test_lets_a_clean_one_leave(self):
        assert codes() == []

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"today": dt.date(2026, 6, 4)}, "own-backdated"),
            ({"is_rep_of_record": False}, "own-not-rep-of-record"),
            ({"pending_disconnect": "D1"}, "own-pending-disconnect"),
            ({"pending_move_out": "M1"}, "own-pending-move-out"),
            ({"gained_in_error": "I1"}, "own-inadvertent-gain"),
            ({"suspended": "S1"}, "own-suspended"),
            ({"loss_date": dt.date(2026, 6, 3)}, "own-competing-order"),
            ({"is_critical_care": True}, "own-critical-care"),
            ({"moratorium": "DALLAS"}, "own-moratorium"),
            ({"tdsp_code": "NOBODY"}, "own-unknown-tdsp"),
        ],
    )
    def test_refuses(self, more, code):
        assert codes(**more) == [code]

    def test_lets_it_leave_before_another_takes_over(self):
        assert codes(loss_date=dt.date(2026, 6, 4)) == []

    @pytest.mark.parametrize(
        ("wanted", "next_day"),
        [
            (dt.date(2026, 6, 5), dt.date(2026, 6, 8)),  # a Friday
            (dt.date(2026, 6, 6), dt.date(2026, 6, 8)),
            (dt.date(2026, 11, 25), dt.date(2026, 11, 30)),  # the day before Thanksgiving
            (dt.date(2026, 9, 7), dt.date(2026, 9, 8)),  # Labor Day
        ],
    )
    def test_refuses_days_off_and_the_days_before(self, wanted, next_day):
        [refusal] = check_disconnect(facts=facts(wanted_date=wanted), calendar=CALENDAR)

        assert refusal.code == "own-day-off"
        assert refusal.text == (
            f"{wanted} is a weekend, a holiday or the day before one; "
            f"the next possible day is {next_day}"
        )
        assert next_day_for_disconnects(date=wanted, calendar=CALENDAR) == next_day

    @pytest.mark.parametrize(
        ("tdsp", "at", "codes"),
        [
            ("NUECES_ELEC", dt.time(9), []),
            ("NUECES_ELEC", dt.time(9, 1), ["own-past-cutoff"]),
            ("LUBBOCK", dt.time(15), []),
            ("LUBBOCK", dt.time(15, 1), ["own-past-cutoff"]),
            # An older edition's 14:00 is kept in the table, and not enforced.
            ("ONCOR_ELEC", dt.time(16), []),
        ],
    )
    def test_keeps_the_cutoffs_that_are_sourced(self, tdsp, at, codes):
        day = dt.date(2026, 3, 3)
        now = dt.datetime.combine(day, at, CHICAGO)
        facts = DisconnectFacts(tdsp_code=tdsp, wanted_date=day, today=day, now=now)

        found = check_disconnect(facts=facts, calendar=CALENDAR)

        assert [refusal.code for refusal in found] == codes

    def test_tells_all_reasons_at_once(self):
        assert codes(pending_move_out="M1", is_critical_care=True) == [
            "own-pending-move-out",
            "own-critical-care",
        ]


class TestParameters:
    @pytest.mark.parametrize(
        ("tdsp", "wish", "code"),
        [
            ("AEP_NORTH", "same_day", "99"),
            ("CENTERPOINT", "same_day", "02"),
            ("ONCOR_ELEC", "holiday", "04"),
            ("TNMP", "weekend", "03"),
            ("LUBBOCK", "prepay", "05"),
            ("NUECES_ELEC", "prepay", "01"),
            ("AEP_CENTRAL", "weekend", "01"),
        ],
    )
    def test_choose_the_tdsps_own_priority(self, tdsp, wish, code):
        assert choose_priority(tdsp_code=tdsp, wish=wish) == code

    def test_say_who_energizes_on_a_switch(self):
        assert get_parameters(tdsp_code="CENTERPOINT").standard_switch_energizes is False

    def test_refuse_an_unknown_tdsp(self):
        with pytest.raises(UnknownServiceOrderCode, match="NOBODY"):
            choose_priority(tdsp_code="NOBODY", wish="standard")

    def test_refuse_an_unknown_purpose(self):
        with pytest.raises(UnknownServiceOrderCode):
            get_code(table="purposes", name="nothing")


class TestReconnectLeavesBy:
    @pytest.mark.parametrize(
        ("paid", "leaves"),
        [
            ("2026-06-05T11:59", "2026-06-05T14:00"),
            ("2026-06-05T12:00", "2026-06-05T19:00"),
            ("2026-06-05T17:00", "2026-06-05T21:00"),
            ("2026-06-05T19:00", "2026-06-08T14:00"),
            ("2026-06-06T10:00", "2026-06-08T14:00"),
            ("2026-11-26T10:00", "2026-11-30T14:00"),
        ],
    )
    def test_follows_the_hour_of_payment(self, paid, leaves):
        at, by = (dt.datetime.fromisoformat(t).replace(tzinfo=CHICAGO) for t in (paid, leaves))

        assert reconnect_leaves_by(paid_at=at, calendar=CALENDAR) == by


class TestSays:
    @pytest.mark.parametrize(
        ("action", "unexecutable", "says"),
        [
            ("51", False, "complete"),
            ("51", True, "unexecutable"),
            ("U", False, "reject"),
            ("C", False, "cancelled"),
            ("QQ", False, ""),
        ],
    )
    def test_of_an_answer(self, action, unexecutable, says):
        assert says_of_answer(action=action, is_unexecutable=unexecutable) == says

    @pytest.mark.parametrize(
        ("action", "category", "says"),
        [
            ("R8", "", "terminate"),
            ("S2", "", "suspend"),
            ("", "79", "reactivate"),
            ("", "", "outage"),
            ("QQ", "", ""),
        ],
    )
    def test_of_a_notice(self, action, category, says):
        assert says_of_notice(action=action, category=category) == says

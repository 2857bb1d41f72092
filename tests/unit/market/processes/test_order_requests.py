from __future__ import annotations

import datetime as dt

import pytest

from ossrep.market.domain.order_requests import (
    RequestRefused,
    ServicePointId,
    check_changed_date,
    check_esi_id,
    check_move_in_date,
    check_move_out_date,
    check_name,
    check_not_too_late,
    check_phone,
    check_switch_date,
    check_zip,
    next_counter,
)

NOON = dt.datetime(2026, 6, 1, 17, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 6, 1)


def days(count: int) -> dt.date:
    return TODAY + dt.timedelta(days=count)


class TestCheckEsiId:
    def test_names_the_tdsp_of_the_prefix(self) -> None:
        assert check_esi_id(" 1008901000000000000001 ") == ServicePointId(
            "1008901000000000000001", "CENTERPOINT"
        )

    @pytest.mark.parametrize(
        ("text", "tdsp", "why"),
        [
            ("", "", "'' is not 8 to 36 digits"),
            ("1044372000000000A", "", "is not 8 to 36 digits"),
            ("１０４４３７２００００００００００1", "", "is not 8 to 36 digits"),
            ("1.04437E+16", "", "is not 8 to 36 digits"),
            ("1044372000000001", "", "has 16 digits; ONCOR_ELEC uses 17"),
            ("10443720000000001", "TNMP", "belongs to ONCOR_ELEC by its prefix, not to TNMP"),
            ("99999990000000001", "", "no TDSP is known for an ESI ID that begins 9999999"),
        ],
    )
    def test_refuses_what_is_none(self, text: str, tdsp: str, why: str) -> None:
        with pytest.raises(RequestRefused, match=why.replace("+", r"\+")) as refusal:
            check_esi_id(text, tdsp_code=tdsp)

        assert refusal.value.where == "esi_id"

    def test_takes_an_unknown_prefix_with_a_named_tdsp_and_says_so(self) -> None:
        point = check_esi_id("99999990000000001", tdsp_code="SWEPCO_ENERG")

        assert point.tdsp_code == "SWEPCO_ENERG"
        assert point.doubt == "its prefix belongs to no known TDSP"


class TestCheckZip:
    @pytest.mark.parametrize("text", ["75001", "75001-1234", "750011234", " 75001 "])
    def test_takes_five_digits_of_it(self, text: str) -> None:
        assert check_zip(text) == "75001"

    @pytest.mark.parametrize("text", ["", "7500", "75001-12", "7500A", "٧٥٠٠١"])
    def test_refuses_others(self, text: str) -> None:
        with pytest.raises(RequestRefused, match="is not a ZIP code of five digits"):
            check_zip(text)


class TestCheckName:
    def test_is_cut_at_sixty_characters(self) -> None:
        assert check_name("x" * 59 + " yz", where="customer_name") == "X" * 59

    @pytest.mark.parametrize("text", ["", ",", " . ", "*~>", "日本"])
    def test_refuses_what_holds_no_letter(self, text: str) -> None:
        with pytest.raises(RequestRefused, match="holds nothing that the market can take"):
            check_name(text, where="customer_name")


class TestCheckPhone:
    def test_keeps_digits(self) -> None:
        assert check_phone("(214) 555-0100") == "2145550100"
        assert check_phone("") == ""

    def test_refuses_more_than_sixteen(self) -> None:
        with pytest.raises(RequestRefused, match="more than 16 digits"):
            check_phone("1" * 17)


class TestCheckDates:
    def test_let_a_switch_be_today_or_ninety_days_ahead(self) -> None:
        for date in (None, TODAY, days(90)):
            check_switch_date(date, now=NOON)

    @pytest.mark.parametrize(
        ("date", "why"), [(days(-1), "never backdated"), (days(91), "90 days")]
    )
    def test_refuse_a_switch_beyond(self, date: dt.date, why: str) -> None:
        with pytest.raises(RequestRefused, match=why):
            check_switch_date(date, now=NOON)

    def test_count_in_the_markets_local_time(self) -> None:
        late_evening = dt.datetime(2026, 6, 2, 4, 59, tzinfo=dt.UTC)

        check_switch_date(TODAY, now=late_evening)
        with pytest.raises(RequestRefused):
            check_switch_date(TODAY, now=late_evening + dt.timedelta(minutes=1))

    def test_let_a_return_be_a_hundred_and_fifty_days_back(self) -> None:
        check_move_in_date(days(-150), now=NOON, order_type="IA", is_agreed=False)
        with pytest.raises(RequestRefused, match="more than 150 days before"):
            check_move_in_date(days(-151), now=NOON, order_type="CR", is_agreed=False)

    def test_let_an_agreed_move_in_be_two_hundred_and_seventy_days_back(self) -> None:
        check_move_in_date(days(-270), now=NOON, order_type="", is_agreed=True)
        with pytest.raises(RequestRefused, match="more than 270 days before"):
            check_move_in_date(days(-271), now=NOON, order_type="", is_agreed=True)

    def test_refuse_a_backdated_move_in_that_repairs_nothing(self) -> None:
        with pytest.raises(RequestRefused, match=r"is refused \(DIP\)"):
            check_move_in_date(days(-1), now=NOON, order_type="", is_agreed=False)

    def test_refuse_a_backdated_move_out_that_nobody_agreed_to(self) -> None:
        check_move_out_date(days(-270), now=NOON, is_agreed=True)
        with pytest.raises(RequestRefused, match="has not agreed to"):
            check_move_out_date(days(-1), now=NOON, is_agreed=False)
        with pytest.raises(RequestRefused, match="more than 270 days"):
            check_move_out_date(days(-271), now=NOON, is_agreed=True)

    def test_refuse_a_change_to_the_past(self) -> None:
        check_changed_date(TODAY, now=NOON)
        with pytest.raises(RequestRefused, match="change to the past"):
            check_changed_date(days(-1), now=NOON)


class TestCheckNotTooLate:
    def test_ends_with_the_day_before_the_scheduled_one(self) -> None:
        last_minute = dt.datetime(2026, 6, 2, 4, 59, tzinfo=dt.UTC)

        check_not_too_late(scheduled_date=days(1), now=last_minute, kind="814_08")
        with pytest.raises(RequestRefused, match="until 2026-06-01, the day before the scheduled"):
            check_not_too_late(
                scheduled_date=days(1),
                now=last_minute + dt.timedelta(minutes=1),
                kind="814_08",
            )

    def test_does_not_matter_while_nothing_is_scheduled(self) -> None:
        check_not_too_late(scheduled_date=None, now=NOON, kind="814_12")


class TestNextCounter:
    def test_is_local_time(self) -> None:
        assert next_counter(now=NOON, last="") == "202606011200"

    def test_rises_within_a_minute(self) -> None:
        assert next_counter(now=NOON, last="202606011200") == "202606011201"

    def test_rises_through_the_hour_that_fall_repeats(self) -> None:
        first = dt.datetime(2026, 11, 1, 6, 30, tzinfo=dt.UTC)
        counter = next_counter(now=first, last="")

        again = next_counter(now=first + dt.timedelta(minutes=59), last=counter)

        assert (counter, again) == ("202611010130", "202611010131")

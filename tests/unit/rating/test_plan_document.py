"""Plan documents: what is read, and every problem with its path."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from ossrep.rating import (
    BuybackMode,
    CreditBank,
    CustomerClass,
    DemandRule,
    EnergyFlat,
    EnergyTimeOfUse,
    InvalidPlan,
    Offset,
    ProductType,
    Proration,
    SolarBuyback,
    Tax,
    UsageCredit,
    parse_plan,
)
from ossrep.rating.plan import Demand
from tests.unit.rating.build import document, plan

FLAT = {"kind": "energy_flat", "price_usd_per_kwh": "0.1"}
DEMAND = {"kind": "demand", "price_usd_per_kw": "1"}
FIXED = {"kind": "solar_buyback", "mode": "fixed", "price_usd_per_kwh": "1"}
NIGHTS = {"kind": "free_nights", "from": "21:00", "to": "06:00", "price_usd_per_kwh": "0.2"}
WEEKENDS = {"kind": "free_weekends", "price_usd_per_kwh": "0.2"}


def problems(
    *components: Mapping[str, Any], shared: Mapping[str, Any] | None = None, **top: Any
) -> list[tuple[str, str]]:
    with pytest.raises(InvalidPlan) as refused:
        parse_plan(document=document(*components, **top), **(shared or {}))
    assert refused.value.code == "invalid_plan"
    return list(refused.value.problems)


def paths(*components: Mapping[str, Any], **top: Any) -> list[str]:
    return [path for path, _ in problems(*components, **top)]


def bucket(name: str, *windows: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "price_usd_per_kwh": "0.1", "windows": list(windows)}


def time_of_use(*buckets: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "kind": "energy_time_of_use",
        "buckets": list(buckets),
        "otherwise": {"name": "rest", "price_usd_per_kwh": "0.2"},
        **fields,
    }


class TestParsePlan:
    def test_reads_the_top_level(self) -> None:
        read = plan(FLAT, early_termination_fee_usd="150", term_months=0)

        assert (read.code, read.name, read.brand) == ("TEST-12", "Test", "acme")
        assert read.product_type is ProductType.FIXED
        assert read.customer_class is CustomerClass.RESIDENTIAL
        assert (read.term_months, read.early_termination_fee_usd) == (0, Decimal(150))
        assert read.efl is None

    def test_fills_defaults(self) -> None:
        energy, credit, demand, buyback = plan(
            FLAT,
            {"kind": "usage_credit", "amount_usd": "35"},
            {"kind": "demand", "price_usd_per_kw": "1"},
            {"kind": "solar_buyback", "mode": "fixed", "price_usd_per_kwh": "0.1"},
        ).components

        assert energy == EnergyFlat(
            code="c0", label="Energy charge", price_usd_per_kwh=Decimal("0.1")
        )
        assert energy.taxes == {Tax.PUC, Tax.GROSS_RECEIPTS, Tax.SALES}
        assert isinstance(credit, UsageCredit)
        assert (credit.band.from_kwh, credit.band.to_kwh) == (0, None)
        assert (credit.band.include_from, credit.band.include_to) == (True, True)
        assert credit.proration is Proration.NONE
        assert isinstance(demand, Demand)
        assert demand.rule == DemandRule(None, None)
        assert isinstance(buyback, SolarBuyback)
        assert (buyback.mode, buyback.offset) == (BuybackMode.FIXED, Offset.ENERGY)
        assert buyback.bank is None

    def test_tells_a_bank_without_cap_from_no_bank(self) -> None:
        terms = {"kind": "solar_buyback", "mode": "fixed", "price_usd_per_kwh": "0.1"}

        banks = [
            component.bank
            for bank in ({"cap_usd": None}, {}, {"cap_usd": "50.00"}, None)
            for component in plan({**terms, "bank": bank}).components
            if isinstance(component, SolarBuyback)
        ]

        assert banks == [CreditBank(None), CreditBank(None), CreditBank(Decimal("50.00")), None]

    def test_reads_no_taxes_as_none(self) -> None:
        assert plan({**FLAT, "taxes": []}).components[0].taxes == frozenset()

    def test_prefers_its_own_lists_to_shared_ones(self) -> None:
        own, shared = dt.date(2026, 7, 3), dt.date(2026, 7, 4)
        read = parse_plan(
            document=document(
                time_of_use(bucket("x", {"from": "00:00", "to": "24:00"}), holidays="public"),
                time_of_use(bucket("x", {"from": "00:00", "to": "24:00"}), holidays="other"),
                holidays={"public": [own]},
            ),
            shared_holidays={"public": [shared], "other": [shared]},
        )

        holidays = [
            component.calendar.holidays
            for component in read.components
            if isinstance(component, EnergyTimeOfUse)
        ]
        assert holidays == [{own}, {shared}]

    def test_reads_a_shared_calendar_with_prices(self) -> None:
        calendar = {
            "buckets": [{"name": "peak", "windows": [{"from": "13:00", "to": "19:00"}]}],
            "otherwise": {"name": "off", "label": "Off peak"},
        }
        read = parse_plan(
            document=document(
                {
                    "kind": "energy_time_of_use",
                    "calendar": "summer",
                    "prices": {"peak": "0.3", "off": "0.1"},
                }
            ),
            shared_calendars={"summer": calendar},
        )

        component = read.components[0]
        assert isinstance(component, EnergyTimeOfUse)
        labels = [bucket.label for bucket in component.calendar.all_buckets]
        assert labels == ["Energy charge, peak", "Off peak"]
        assert component.prices_usd_per_kwh == {"peak": Decimal("0.3"), "off": Decimal("0.1")}

    def test_reads_the_label_s_assumptions(self) -> None:
        read = plan(
            {"kind": "free_nights", "from": "21:00", "to": "06:00", "price_usd_per_kwh": "0.2"},
            {"kind": "energy_indexed", "series": "HUB"},
            efl={
                "tdsp": "ONCOR_ELEC",
                "rate_class": "residential",
                "label_date": "2026-07-01",
                "includes_puc_assessment": True,
                "bucket_shares": {"c0": {"free": "0.35", "otherwise": "0.65"}},
                "assumed_index_usd_per_kwh": {"HUB": "0.04"},
                "assumed_load_factor": "0.3",
                "average_prices_cents": {500: "14.4", "1000": "14.0"},
            },
        ).efl

        assert read is not None
        assert (read.tdsp, read.rate_class) == ("ONCOR_ELEC", "residential")
        assert read.label_date == dt.date(2026, 7, 1)
        assert read.includes_puc_assessment
        assert read.bucket_shares == {"c0": {"free": Decimal("0.35"), "otherwise": Decimal("0.65")}}
        assert read.assumed_index_usd_per_kwh == {"HUB": Decimal("0.04")}
        assert read.assumed_load_factor == Decimal("0.3")
        assert read.average_prices_cents == {500: Decimal("14.4"), 1000: Decimal("14.0")}


class TestProblems:
    def test_come_all_at_once(self) -> None:
        found = paths(
            {"kind": "energy_flat"},
            {"kind": "energy_flat", "price_usd_per_kwh": 0.1, "colour": "red"},
            {"kind": "barter"},
            plan="lower case",
            term_months=-1,
            product_type="gift",
            size="large",
        )

        assert found == [
            "components[0].price_usd_per_kwh",
            "components[1].price_usd_per_kwh",
            "components[1].colour",
            "components[2].kind",
            "plan",
            "product_type",
            "term_months",
            "size",
        ]

    def test_are_named_in_the_message(self) -> None:
        with pytest.raises(InvalidPlan) as refused:
            parse_plan(document=document({"kind": "energy_flat"}, size="large"))

        assert str(refused.value).startswith(
            "components[0].price_usd_per_kwh: is missing; size: unknown field"
        )

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            (0.1, 'must be a quoted decimal such as "0.125": 0.1'),
            (1, 'must be a quoted decimal such as "0.125": 1'),
            ("1e-3", "must be a quoted decimal such as \"0.125\": '1e-3'"),
            ("NaN", "must be a quoted decimal such as \"0.125\": 'NaN'"),
            ("٣", "must be a quoted decimal such as \"0.125\": '٣'"),
            ("0.123456789", "has more than 8 decimals: 0.123456789"),
            ("1000000000.01", "must be from -1000000000 to 1000000000: 1000000000.01"),
            (None, "is missing"),
        ],
    )
    def test_with_a_price(self, value: object, message: str) -> None:
        found = problems({"kind": "energy_flat", "price_usd_per_kwh": value})

        assert found == [("components[0].price_usd_per_kwh", message)]

    def test_allow_trailing_zeros(self) -> None:
        read = plan({"kind": "energy_flat", "price_usd_per_kwh": "0.1234567800"})

        assert read.components[0] == EnergyFlat(
            code="c0", label="Energy charge", price_usd_per_kwh=Decimal("0.12345678")
        )

    @pytest.mark.parametrize(
        ("component", "path"),
        [
            ({"kind": "usage_credit", "amount_usd": "-5"}, "amount_usd"),
            ({"kind": "usage_fee", "amount_usd": "0"}, "amount_usd"),
            ({"kind": "usage_fee", "amount_usd": "1", "from_kwh": "-1"}, "from_kwh"),
            ({"kind": "usage_fee", "amount_usd": "1", "from_kwh": "0.0001"}, "from_kwh"),
            (
                {"kind": "usage_fee", "amount_usd": "1", "from_kwh": "9", "to_kwh": "8"},
                "to_kwh",
            ),
            (
                {
                    "kind": "usage_fee",
                    "amount_usd": "1",
                    "from_kwh": "9",
                    "to_kwh": "9",
                    "include_to": False,
                },
                "to_kwh",
            ),
            ({"kind": "usage_fee", "amount_usd": "1", "include_to": "yes"}, "include_to"),
            ({**DEMAND, "ratchet_percent": "101"}, "ratchet_percent"),
            ({**DEMAND, "round_kw_decimals": "1"}, "round_kw_decimals"),
            ({"kind": "one_off", "amount_usd": "1", "on": "birthday"}, "on"),
            ({"kind": "energy_indexed"}, "series"),
            ({"kind": "delivery", "amount_usd": "1"}, "amount_usd"),
            ({"kind": "solar_buyback", "price_usd_per_kwh": "1"}, "mode"),
            ({**FIXED, "mode": "net_one_to_one"}, "excess_price_usd_per_kwh"),
            ({**FIXED, "series": "X"}, "series"),
            ({**FIXED, "bank": {"cap_usd": "1.005"}}, "bank.cap_usd"),
            ({**FIXED, "bank": {"limit": "1"}}, "bank.limit"),
            ({**NIGHTS, "to": "21:00"}, "to"),
            ({**NIGHTS, "from": "24:00"}, "from"),
            ({**NIGHTS, "from": 1200}, "from"),
            ({**WEEKENDS, "free_holidays": "none"}, "free_holidays"),
            ({**WEEKENDS, "free_holidays": ["2026-02-30"]}, "free_holidays[0]"),
            ({**FLAT, "taxes": ["puc", "vat"]}, "taxes[1]"),
            ({**FLAT, "taxes": ["puc", "puc"]}, "taxes[1]"),
            ({**FLAT, "taxes": "puc"}, "taxes"),
            ({**FLAT, "label": ""}, "label"),
            ({**FLAT, "code": "Upper"}, "code"),
        ],
    )
    def test_name_the_field_of_a_component(self, component: dict[str, Any], path: str) -> None:
        assert paths(component) == [f"components[0].{path}"]

    def test_with_codes_and_single_components(self) -> None:
        buyback = {"kind": "solar_buyback", "mode": "fixed", "price_usd_per_kwh": "1"}

        found = paths(
            {**FLAT, "code": "a"}, {**FLAT, "code": "a"}, buyback, buyback,
            {"kind": "delivery"}, {"kind": "delivery"},
        )  # fmt: skip

        assert found == ["components[1].code", "components[3].kind", "components[5].kind"]

    @pytest.mark.parametrize("name", ["two\nlines", "a\x00b", "a\tb", "half \ud800", "\x85"])
    def test_with_text_that_is_no_line(self, name: str) -> None:
        assert paths(FLAT, name=name) == ["name"]

    @pytest.mark.parametrize("components", [[], None, "energy"])
    def test_with_no_components(self, components: object) -> None:
        assert paths(components=components) == ["components"]

    def test_with_a_component_that_is_no_mapping(self) -> None:
        found = problems(components=["energy"])

        assert found == [("components[0]", "must be a mapping of fields, not text")]


class TestTierProblems:
    @pytest.mark.parametrize(
        ("bounds", "path"),
        [
            (["500", "500", None], "components[0].tiers[1].up_to_kwh"),
            (["500", "400", None], "components[0].tiers[1].up_to_kwh"),
            (["0", None], "components[0].tiers[0].up_to_kwh"),
            (["500", "1000"], "components[0].tiers[1].up_to_kwh"),
            (["500", None, None], "components[0].tiers[1].up_to_kwh"),
            ([], "components[0].tiers"),
        ],
    )
    def test_find_gaps_and_bounds(self, bounds: list[str | None], path: str) -> None:
        tiers = [{"up_to_kwh": bound, "price_usd_per_kwh": "0.1"} for bound in bounds]

        assert paths({"kind": "energy_tiered", "tiers": tiers}) == [path]


class TestTimeOfUseProblems:
    NIGHT = {"from": "20:00", "to": "06:00"}

    def test_find_an_overlap_over_midnight(self) -> None:
        found = problems(
            time_of_use(
                bucket("night", self.NIGHT),
                bucket("early", {"from": "09:00", "to": "10:00"}, {"from": "05:45", "to": "07:00"}),
            )
        )

        assert found == [
            (
                "components[0].buckets[1].windows[1]",
                "05:45-07:00 weekday/weekend/holiday overlaps 20:00-06:00 "
                "weekday/weekend/holiday at components[0].buckets[0].windows[0]",
            )
        ]

    def test_allow_an_overlap_inside_one_bucket(self) -> None:
        plan(time_of_use(bucket("night", self.NIGHT, {"from": "22:00", "to": "23:00"})))

    @pytest.mark.parametrize(
        ("other", "refused"),
        [
            ({"days": ["weekend"]}, False),
            ({"days": ["weekday", "holiday"]}, True),
            ({"days": ["weekday"], "seasons": [{"from": "10-01", "to": "05-31"}]}, False),
            ({"days": ["weekday"], "seasons": [{"from": "09-30", "to": "01-01"}]}, True),
        ],
    )
    def test_look_at_day_types_and_seasons(self, other: dict[str, Any], refused: bool) -> None:
        summer = {**self.NIGHT, "days": ["weekday"], "seasons": [{"from": "06-01", "to": "09-30"}]}
        component = time_of_use(bucket("a", summer), bucket("b", {**self.NIGHT, **other}))

        if refused:
            assert paths(component) == ["components[0].buckets[1].windows[0]"]
        else:
            plan(component)

    @pytest.mark.parametrize(
        ("window", "path"),
        [
            ({"from": "06:00", "to": "06:00"}, "to"),
            ({"from": "6:00", "to": "07:00"}, "from"),
            ({"from": "06:00", "to": "24:15"}, "to"),
            ({"from": "06:00"}, "to"),
            ({"from": "06:00", "to": "07:00", "days": []}, "days"),
            ({"from": "06:00", "to": "07:00", "days": ["monday"]}, "days[0]"),
            ({"from": "06:00", "to": "07:00", "seasons": []}, "seasons"),
            (
                {"from": "06:00", "to": "07:00", "seasons": [{"from": "02-30", "to": "03-01"}]},
                "seasons[0].from",
            ),
            ({"from": "06:00", "to": "07:00", "zone": "UTC"}, "zone"),
        ],
    )
    def test_name_the_field_of_a_window(self, window: dict[str, Any], path: str) -> None:
        found = paths(time_of_use(bucket("a", window)))

        assert found == [f"components[0].buckets[0].windows[0].{path}"]

    def test_find_missing_parts_and_equal_names(self) -> None:
        component = time_of_use(bucket("rest", self.NIGHT), {"name": "b"})

        assert paths(component) == [
            "components[0].buckets[1].windows",
            "components[0].buckets[1].price_usd_per_kwh",
            "components[0].buckets",
        ]

    def test_find_what_a_named_calendar_lacks(self) -> None:
        calendar = {
            "buckets": [{"name": "peak", "windows": [{"from": "13:00", "to": "19:00"}]}],
            "otherwise": {"name": "off"},
        }
        use = {"kind": "energy_time_of_use", "calendar": "summer"}

        assert paths({**use, "prices": {"peak": "1"}}) == ["components[0].calendar"]
        assert paths(
            {**use, "prices": {"peak": "1", "mid": "2"}}, calendars={"summer": calendar}
        ) == ["components[0].prices.off", "components[0].prices.mid"]
        assert paths(use, calendars={"summer": calendar}) == ["components[0].prices"]
        assert paths(
            {**use, "prices": {"peak": "1", "off": "1"}, "holidays": []},
            calendars={"summer": calendar},
        ) == ["components[0].holidays"]

    def test_find_a_bad_calendar_that_nobody_uses(self) -> None:
        priced = {"buckets": [bucket("peak", self.NIGHT)], "otherwise": {"name": "off"}}

        found = paths(FLAT, calendars={"summer": priced})

        assert found == ["calendars.summer.buckets[0].price_usd_per_kwh"]

    def test_find_a_bad_shared_calendar_where_it_is_used(self) -> None:
        use = {"kind": "energy_time_of_use", "calendar": "s", "prices": {"off": "1"}}

        found = problems(use, shared={"shared_calendars": {"s": {"otherwise": {"name": "off"}}}})

        assert found == [("shared_calendars.s.buckets", "is missing")]


class TestLabelProblems:
    @pytest.mark.parametrize(
        ("efl", "path"),
        [
            ({"bucket_shares": {"c0": {"free": "0.3", "otherwise": "0.6"}}}, "bucket_shares.c0"),
            ({"bucket_shares": {"c0": {"free": "1", "day": "0"}}}, "bucket_shares.c0.day"),
            ({"bucket_shares": {"zz": {"free": "1"}}}, "bucket_shares.zz"),
            ({"assumed_index_usd_per_kwh": {"HUB": "1"}}, "assumed_index_usd_per_kwh.HUB"),
            ({"assumed_load_factor": "0"}, "assumed_load_factor"),
            ({"average_prices_cents": {"five": "1"}}, "average_prices_cents.five"),
            ({"average_prices_cents": {"0500": "1", "500": "1"}}, "average_prices_cents.0500"),
            ({"average_prices_cents": {500: 14.4}}, "average_prices_cents.500"),
            ({"label_date": "1 July"}, "label_date"),
            ({"color": "red"}, "color"),
        ],
    )
    def test_name_the_field(self, efl: dict[str, Any], path: str) -> None:
        assert paths(NIGHTS, efl=efl) == [f"efl.{path}"]

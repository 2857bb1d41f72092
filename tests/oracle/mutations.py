"""Single faults that turn a good case into one that must be refused."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from tests.oracle.building import bucket, component_of, registers, row, tariff_of, tier, window
from tests.oracle.documents import Document


@dataclass(frozen=True, slots=True)
class Mutation:
    """A fault put into a case in place, and whether the case has what it spoils."""

    spoil: Callable[[Document], None]
    applies: Callable[[Document], bool] = lambda case: True


def applicable(case: Document) -> list[str]:
    """The names of the faults that a case can be given."""
    return [name for name, mutation in MUTATIONS.items() if mutation.applies(case)]


def _last_site(case: Document) -> Document:
    site: Document = case["sites"][-1] if "sites" in case else case
    return site


def _plan(case: Document) -> Document:
    """The last site's plan, in a copy of its own: drawn documents may be shared."""
    site = _last_site(case)
    site["plan"] = copy.deepcopy(site["plan"])
    plan: Document = site["plan"]
    return plan


def _add(case: Document, *components: Document) -> None:
    _plan(case)["components"] += components


def _days(case: Document) -> list[Document]:
    days: list[Document] = _last_site(case)["usage"]["days"]
    return days


def _has_days(case: Document) -> bool:
    return "days" in _last_site(case)["usage"]


def _has_only_registers(case: Document) -> bool:
    return not _has_days(case)


def _has_prices(case: Document) -> bool:
    return "prices" in case


def _first_series(case: Document) -> list[Document]:
    days: list[Document] = next(iter(case["prices"].values()))["days"]
    return days


def _drop_last_day(case: Document) -> None:
    _days(case).pop()


def _drop_quarter_hour(case: Document) -> None:
    _days(case)[-1]["import_wh"].pop()


def _add_quarter_hour(case: Document) -> None:
    _days(case)[-1]["import_wh"].append(0)


def _drop_export_quarter_hour(case: Document) -> None:
    day = _days(case)[0]
    day["export_wh"] = [0] * (len(day["import_wh"]) - 1)


def _negative_import(case: Document) -> None:
    _days(case)[0]["import_wh"][0] = -1


def _absent_quarter_hour(case: Document) -> None:
    _days(case)[0]["import_wh"][0] = None


def _drop_price_day(case: Document) -> None:
    _first_series(case).pop()


def _drop_series(case: Document) -> None:
    case["prices"] = {}


def _wrong_price_count(case: Document) -> None:
    _first_series(case)[-1]["usd_per_mwh"] = ["1.00", "1.00"]


def _empty_period(case: Document) -> None:
    case["period"] = {**case["period"], "end": case["period"]["start"]}


def _bounded_last_tier(case: Document) -> None:
    _add(case, component_of("energy_tiered", "spoilt", tiers=[tier("500", "0.1")]))


def _falling_tiers(case: Document) -> None:
    tiers = [tier("500", "0.1"), tier("400", "0.2"), tier(None, "0.3")]
    _add(case, component_of("energy_tiered", "spoilt", tiers=tiers))


def _time_of_use(*buckets: Document) -> Document:
    return component_of(
        "energy_time_of_use", "spoilt", buckets=list(buckets), otherwise=bucket("rest", "0.1")
    )


def _overlapping_buckets(case: Document) -> None:
    night = bucket("night", "0.1", window("20:00", "06:00"))
    dawn = bucket("dawn", "0.2", window("05:45", "07:00"))
    _add(case, _time_of_use(night, dawn))


def _equal_ends(case: Document) -> None:
    _add(case, _time_of_use(bucket("all_day", "0.1", window("00:00", "00:00"))))


def _unknown_field(case: Document) -> None:
    _plan(case)["colour"] = "green"


def _unknown_component_field(case: Document) -> None:
    _add(case, component_of("energy_flat", "spoilt", price_usd_per_kwh="0.1", colour="green"))


def _missing_field(case: Document) -> None:
    _add(case, component_of("energy_flat", "spoilt"))


def _unknown_kind(case: Document) -> None:
    _add(case, component_of("energy_magic", "spoilt", price_usd_per_kwh="0.1"))


def _unquoted_number(case: Document) -> None:
    _add(case, component_of("energy_flat", "spoilt", price_usd_per_kwh=0.1))


def _nine_decimals(case: Document) -> None:
    _add(case, component_of("energy_flat", "spoilt", price_usd_per_kwh="0.123456789"))


def _repeated_code(case: Document) -> None:
    twice = component_of("energy_flat", "spoilt", price_usd_per_kwh="0.1")
    _add(case, twice, dict(twice))


def _two_buybacks(case: Document) -> None:
    one = component_of("solar_buyback", "spoilt", mode="fixed", price_usd_per_kwh="0.1")
    _add(case, one, {**one, "code": "spoilt_too"})


def _unknown_calendar(case: Document) -> None:
    _add(case, component_of("energy_time_of_use", "spoilt", calendar="nowhere", prices={}))


def _free_nights_by_registers(case: Document) -> None:
    fields = {"from": "20:00", "to": "06:00", "price_usd_per_kwh": "0.1"}
    _add(case, component_of("free_nights", "spoilt", **fields))


def _demand_without_peak(case: Document) -> None:
    _last_site(case)["usage"] = registers("100")
    plan = _plan(case)
    plan["components"] = [component_of("demand", "spoilt", price_usd_per_kw="1")]


def _delivery_alone(case: Document) -> None:
    _plan(case)["components"] = [component_of("delivery")]
    _last_site(case).pop("tariff", None)
    _last_site(case).pop("delivery_charges", None)


def _no_tariff(case: Document) -> None:
    _delivery_alone(case)


def _last_day(case: Document) -> str:
    end = dt.date.fromisoformat(case["period"]["end"])
    return (end - dt.timedelta(days=1)).isoformat()


def _has_several_days(case: Document) -> bool:
    return bool(case["period"]["start"] < _last_day(case))


def _tariff_gap(case: Document) -> None:
    _delivery_alone(case)
    late = row("wires", "day", "0.05", from_=_last_day(case))
    _last_site(case)["tariff"] = tariff_of(late, row("meter", "month", "2"))


MUTATIONS: dict[str, Mutation] = {
    "a day is absent": Mutation(_drop_last_day, _has_days),
    "a quarter hour is absent": Mutation(_drop_quarter_hour, _has_days),
    "a quarter hour too many": Mutation(_add_quarter_hour, _has_days),
    "an export quarter hour is absent": Mutation(_drop_export_quarter_hour, _has_days),
    "negative import": Mutation(_negative_import, _has_days),
    "a value is null": Mutation(_absent_quarter_hour, _has_days),
    "a day has no price": Mutation(_drop_price_day, _has_prices),
    "a series is absent": Mutation(_drop_series, _has_prices),
    "two prices for a day": Mutation(_wrong_price_count, _has_prices),
    "the period is empty": Mutation(_empty_period),
    "the last tier is bounded": Mutation(_bounded_last_tier),
    "tiers fall": Mutation(_falling_tiers),
    "buckets overlap": Mutation(_overlapping_buckets, _has_days),
    "a window has equal ends": Mutation(_equal_ends, _has_days),
    "an unknown field": Mutation(_unknown_field),
    "an unknown field of a component": Mutation(_unknown_component_field),
    "a missing field": Mutation(_missing_field),
    "an unknown kind": Mutation(_unknown_kind),
    "a number without quotes": Mutation(_unquoted_number),
    "nine decimals": Mutation(_nine_decimals),
    "a code twice": Mutation(_repeated_code),
    "two buybacks": Mutation(_two_buybacks),
    "an unknown calendar": Mutation(_unknown_calendar, _has_days),
    "time of use by registers": Mutation(_free_nights_by_registers, _has_only_registers),
    "demand without a peak": Mutation(_demand_without_peak),
    "delivery without a tariff": Mutation(_no_tariff),
    "a tariff with a gap": Mutation(_tariff_gap, _has_several_days),
}

"""A line's recipe as a sentence that a person can check with a pocket calculator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

_UNITS = {"kwh": "kWh", "kw": "kW", "day": "days", "month": "month", "each": "each"}
Recipe = Mapping[str, Any]


def recipe_text(recipe: Recipe) -> str:
    """``803 kWh x $0.144 = $115.632, rounded $115.63; weekday: 00:00-24:00 ...``."""
    return "; ".join([_equation(recipe), *_notes(recipe)])


def _equation(recipe: Recipe) -> str:
    amount = _usd(recipe["amount_usd"])
    if recipe.get("as_received"):
        return f"{amount} as received from the TDSP"
    if "bank_in_usd" in recipe:
        kept = f"{_usd(recipe['bank_out_usd'])} stay"
        return f"bank {_usd(recipe['bank_in_usd'])}, {_usd(recipe['used_usd'])} used, {kept}"
    if "earned_usd" in recipe:
        earned = f"{_usd(recipe['exact_earned_usd'])}, rounded {_usd(recipe['earned_usd'])}"
        offset = f"{_usd(recipe['applied_usd'])} of it offset this bill"
        return f"{_product(recipe)} = {earned}; {offset}"
    exact = recipe["exact_usd"]
    rounded = "" if _is_whole_cents(exact) else f", rounded {amount}"
    return f"{_product(recipe)} = {_usd(exact)}{rounded}"


def _is_whole_cents(exact: str) -> bool:
    return "/" not in exact and len(exact.partition(".")[2]) <= 2


def _product(recipe: Recipe) -> str:
    quantity = f"{recipe['quantity']} {_UNITS[recipe['unit']]}"
    if "sum_of" in recipe:
        return f"{quantity}, sum of {recipe['sum_of']}"
    return f"{quantity} x {_usd(recipe['unit_price_usd'])}"


def _usd(text: str | None) -> str:
    if text is None:
        return "varying prices"
    return f"-${text[1:]}" if text.startswith("-") else f"${text}"


def _notes(recipe: Recipe) -> Iterator[str]:
    for names, write in _NOTES:
        if all(name in recipe for name in names):
            note = write(recipe)
            if note:
                yield note


def _windows(recipe: Recipe) -> str:
    named = recipe["windows"]
    windows = named if isinstance(named, str) else ", ".join(named)
    text = f"{recipe['bucket']}: {windows}, {recipe['quarter_hours']} quarter hours"
    holidays = recipe.get("holidays")
    return f"{text}, holidays {', '.join(holidays)}" if holidays else text


def _share(recipe: Recipe) -> str:
    if recipe["proration"] == "none" and recipe["share"] == "1":
        return ""
    return f"share {recipe['share']} of {recipe['days']} days ({recipe['proration']})"


def _tier(recipe: Recipe) -> str:
    end = f"to {recipe['to_kwh']}" if recipe["to_kwh"] else "on"
    return f"tier {recipe['tier']}: from {recipe['from_kwh']} kWh {end}"


def _band(recipe: Recipe) -> str:
    if "tier" in recipe:
        return ""
    low = "from" if recipe["include_from"] else "above"
    high = "to" if recipe["include_to"] else "below"
    end = recipe["to_kwh"]
    return f"{low} {recipe['from_kwh']} kWh" + (f" {high} {end} kWh" if end else " on")


def _limit(recipe: Recipe) -> str:
    return f"{'at or ' if recipe['include_limit'] else ''}below {recipe['below_kwh']} kWh"


def _demand(recipe: Recipe) -> str:
    text = f"measured {recipe['measured_kw']} kW, billing {recipe['billing_kw']} kW"
    if recipe.get("ratchet_percent"):
        text += f" (at least {recipe['ratchet_percent']} % of {recipe['prior_peak_kw']} kW)"
    return text


def _in_force(recipe: Recipe) -> str:
    dates = recipe["in_force"]
    return f"rate in force from {dates['from']}" + (f" to {dates['to']}" if dates["to"] else "")


def _market(recipe: Recipe) -> str:
    floor = recipe.get("floor_usd_per_kwh")
    adder = f"{recipe['series']}, adder {_usd(recipe['adder_usd_per_kwh'])}"
    return adder + (f", floor {_usd(floor)}" if floor else "")


_NOTES: tuple[tuple[tuple[str, ...], Callable[[Recipe], str]], ...] = (
    (("windows", "quarter_hours", "bucket"), _windows),
    (("proration", "share", "days"), _share),
    (("tier", "from_kwh", "to_kwh"), _tier),
    (("from_kwh", "include_from", "include_to"), _band),
    (("below_kwh", "include_limit"), _limit),
    (("measured_kw", "billing_kw", "prior_peak_kw"), _demand),
    (("share_of_days",), lambda recipe: f"{recipe['share_of_days']} of the period's days"),
    (("in_force",), _in_force),
    (("series", "adder_usd_per_kwh"), _market),
    (("energy_lines_usd",), lambda recipe: f"energy lines {_usd(recipe['energy_lines_usd'])}"),
)

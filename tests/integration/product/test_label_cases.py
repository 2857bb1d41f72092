"""Published labels come out of the commands as they were printed."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from ossrep.infra.invariants import assert_invariants
from tests.integration.product.book import (
    import_brands,
    label,
    plan_document,
    run,
    tariff_document,
    write_yaml,
)

pytestmark = pytest.mark.django_db(databases="__all__")

OWN_CASES = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "product" / "label_cases.json").read_text()
)["cases"]
TDSPS = {
    "Oncor": "ONCOR_ELEC",
    "TNMP": "TNMP",
    "CenterPoint": "CENTERPOINT",
    "AEP North": "AEP_NORTH",
}


def _original_cases() -> list[dict[str, Any]]:
    if not settings.OSSREP_SAMPLES:
        return []
    path = Path(settings.OSSREP_SAMPLES) / "efl-cases.json"
    return list(json.loads(path.read_text())["cases"])


def _usd(cents: str) -> str:
    return str(Decimal(cents) / 100)


def _components(case: dict[str, Any]) -> list[dict[str, Any]]:
    components: list[dict[str, Any]] = []
    if Decimal(case["base_charge"] or 0):
        components.append(
            {"kind": "base_charge_monthly", "code": "base", "amount_usd": case["base_charge"]}
        )
    if case["daily_charge"]:
        components.append(
            {
                "kind": "base_charge_daily",
                "code": "daily",
                "amount_usd_per_day": case["daily_charge"],
            }
        )
    if case["energy_charge_cents"]:
        price = _usd(case["energy_charge_cents"])
        components.append({"kind": "energy_flat", "code": "energy", "price_usd_per_kwh": price})
    if case["tou_energy"]:
        components.append(_time_of_use(case["tou_energy"]))
    for kind, entries in (("usage_credit", case["credits"]), ("usage_fee", case["fees_by_usage"])):
        components += [_banded(kind, n, entry) for n, entry in enumerate(entries)]
    return [*components, {"kind": "delivery", "code": "delivery"}]


def _time_of_use(parts: list[dict[str, str]]) -> dict[str, Any]:
    inside, outside = parts
    return {
        "kind": "energy_time_of_use",
        "code": "energy",
        "buckets": [
            {
                "name": "one",
                "price_usd_per_kwh": _usd(inside["cents"]),
                "windows": [{"from": "00:00", "to": "24:00", "days": ["weekday"]}],
            }
        ],
        "otherwise": {"name": "other", "price_usd_per_kwh": _usd(outside["cents"])},
    }


def _banded(kind: str, number: int, entry: dict[str, Any]) -> dict[str, Any]:
    band = {
        name: str(entry[given])
        for name, given in (("from_kwh", "min_kwh"), ("to_kwh", "max_kwh"))
        if given in entry
    }
    amount = entry["amount"].removeprefix("-")
    return {"kind": kind, "code": f"{kind}_{number}", "amount_usd": amount, **band}


def _efl(case: dict[str, Any], *, published: dict[str, Any]) -> dict[str, Any]:
    shares = {}
    if case["tou_energy"]:
        one, other = (part["share"] for part in case["tou_energy"])
        shares = {"bucket_shares": {"energy": {"one": one, "other": other}}}
    prices = {kwh: str(cents) for kwh, cents in published.items()}
    return label(tdsp=TDSPS[case["tdsp"]], average_prices_cents=prices, **shares)


def _check(case: dict[str, Any], folder: Path) -> None:
    published = case["published_avg_cents"]
    plan = plan_document(
        name=case["plan_name"],
        product_type=case["product_type"].lower(),
        term_months=case["term_months"],
        components=_components(case),
        efl=_efl(case, published=published),
    )
    tariff = tariff_document(
        tdsp=TDSPS[case["tdsp"]],
        fixed=case["tdu_fixed"],
        per_kwh=_usd(case["tdu_per_kwh_cents"]),
    )
    import_brands(folder)
    run("import-tariffs", write_yaml(folder / "tariff.yaml", tariff))
    run("import", write_yaml(folder / "plan.yaml", plan))
    run("publish", "FLAT-12")

    answer = json.loads(run("efl", "FLAT-12", "--json"))

    assert {str(p["kwh"]): Decimal(p["printed_cents"]) for p in answer["prices"]} == {
        kwh: Decimal(str(cents)) for kwh, cents in published.items()
    }
    assert {str(p["kwh"]): Decimal(p["four_decimals_cents"]) for p in answer["prices"]} == {
        kwh: Decimal(str(cents)) for kwh, cents in case["reproduced_avg_cents"].items()
    }
    assert_invariants(contexts=["product"])


class TestLabelCases:
    @pytest.mark.parametrize("case", OWN_CASES, ids=lambda case: case["plan_name"])
    def test_reproduces_our_own(self, case: dict[str, Any], tmp_path: Path) -> None:
        _check(case, tmp_path)

    @pytest.mark.skipif(
        not settings.OSSREP_SAMPLES,
        reason="OSSREP_SAMPLES is not set: no original labels here",
    )
    @pytest.mark.parametrize("case", _original_cases(), ids=lambda case: str(case["case"]))
    def test_reproduces_the_published(self, case: dict[str, Any], tmp_path: Path) -> None:
        _check(case, tmp_path)

"""Every disagreement of two bills is found and named."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from tests.oracle.building import (
    component_of,
    local_tax,
    place_of,
    plan_of,
    registers,
    row,
    site_of,
    tariff_of,
    tax_of,
    tier,
)
from tests.oracle.compare import differences
from tests.oracle.documents import Document
from tests.oracle.edge_case import JUNE
from tests.oracle.reference_bill import reference_bill


def bill() -> Document:
    place = place_of("town", 2500, local_tax("local", "0.01", residential=True))
    plan = plan_of(
        component_of("energy_tiered", "energy", tiers=[tier("500", "0.1"), tier(None, "0.2")]),
        component_of("solar_buyback", "solar", mode="fixed", price_usd_per_kwh="0.05"),
        component_of("delivery"),
    )
    site = site_of(
        plan,
        registers("1000", export_kwh="100"),
        tariff=tariff_of(row("wires", "kwh", "0.05")),
        tax=tax_of(place),
    )
    period = {"start": str(JUNE.start), "end": str(JUNE.end)}
    return reference_bill({"id": "one", "period": period, **site})


def change(path: list[str | int], value: object) -> Callable[[Document], None]:
    def spoil(document: Document) -> None:
        target = document
        for step in path[:-1]:
            target = target[step]  # type: ignore[index]
        target[path[-1]] = value  # type: ignore[index]

    return spoil


CHANGES: list[tuple[list[str | int], object, str]] = [
    (["lines", 0, "amount_usd"], "50.01", "line 0 site 0 energy[1] energy_tiered: amount_usd"),
    (["lines", 0, "section"], "delivery", "line 0 site 0 energy[1] energy_tiered: section"),
    (["lines", 0, "recurring"], False, "line 0 site 0 energy[1] energy_tiered: recurring"),
    (["lines", 0, "energy"], False, "line 0 site 0 energy[1] energy_tiered: energy"),
    (["lines", 0, "taxes"], ["puc"], "line 0 site 0 energy[1] energy_tiered: taxes"),
    (["lines", 0, "bucket"], 7, "line list"),
    (["lines", 0, "component"], "other", "line list"),
    (["lines", 0, "kind"], "energy_flat", "line list"),
    (["lines", 0, "site"], 1, "line list"),
    (["banks", 0, "earned_usd"], "5.01", "bank 0: earned_usd"),
    (["banks", 0, "lost_usd"], "0.01", "bank 0: lost_usd"),
    (["taxes", 0, "amount_usd"], "9.99", "tax 0 puc_assessment @ None: amount_usd"),
    (["taxes", 0, "base_usd"], "9.99", "tax 0 puc_assessment @ None: base_usd"),
    (["taxes", 0, "split", 1, "amount_usd"], "9.99", "tax 0 puc_assessment @ None: split"),
    (["taxes", 1, "place"], "elsewhere", "tax list"),
    (["subtotal_usd"], "0.01", "bill: subtotal_usd"),
    (["tax_usd"], "0.01", "bill: tax_usd"),
    (["total_usd"], "0.01", "bill: total_usd"),
    (["import_kwh"], "999", "bill: import_kwh"),
    (["export_kwh"], "999", "bill: export_kwh"),
    (["average_price_cents_per_kwh"], None, "bill: average_price_cents_per_kwh"),
]


class TestDifferences:
    @pytest.mark.parametrize(
        ("path", "value", "start"),
        CHANGES,
        ids=[" ".join(map(str, path)) for path, _, _ in CHANGES],
    )
    def test_names_a_single_change(self, path: list[str | int], value: object, start: str) -> None:
        ours = bill()
        change(path, value)(ours)

        found = differences(ours, bill())

        assert len(found) == 1
        assert found[0].startswith(start)

    def test_shows_both_amounts(self) -> None:
        ours = bill()
        ours["total_usd"] = "1.00"

        found = differences(ours, bill())

        assert found == [f"bill: total_usd: ours 1.00, reference {bill()['total_usd']}"]

    @pytest.mark.parametrize("of", ["lines", "banks", "taxes"])
    def test_finds_what_is_missing(self, of: str) -> None:
        ours = bill()
        ours[of] = ours[of][:-1]

        assert len(differences(ours, bill())) == 1

    @pytest.mark.parametrize("of", ["lines", "taxes"])
    def test_finds_another_order(self, of: str) -> None:
        ours = bill()
        ours[of] = list(reversed(ours[of]))

        assert len(differences(ours, bill())) == 1

    def test_takes_numbers_by_value_and_more_fields_kindly(self) -> None:
        ours = copy.deepcopy(bill())
        ours["import_kwh"] = "1000.000"
        ours["lines"][0] |= {"bucket": "1", "recipe": {}, "label": "x", "taxes": ["sales", "puc"]}
        ours["lines"][0]["taxes"].append("gross_receipts")

        assert differences(ours, bill()) == []

    def test_tells_a_refusal_from_a_bill(self) -> None:
        refused = {"id": "one", "error": {"code": "c", "where": "w", "message": "m"}}

        assert differences(refused, bill()) == ["ours refuses (c at w: m), reference gives a bill"]
        assert differences(bill(), refused) == ["reference refuses (c at w: m), ours gives a bill"]

    def test_takes_two_refusals_as_agreement(self) -> None:
        one = {"id": "one", "error": {"code": "c", "where": "w", "message": "m"}}
        other = {"id": "one", "error": {"code": "d", "where": "v", "message": "n"}}

        assert differences(one, other) == []

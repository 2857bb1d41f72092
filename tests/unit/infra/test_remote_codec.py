"""Values between processes: everything published has a form, and comes back as it was."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from ossrep.infra.database import CONTEXTS
from ossrep.infra.remote.codec import BadValue, HintNotSupported, NotOverHttp, reader, writer
from ossrep.infra.remote.methods import methods_of, protocol_of
from ossrep.kernel.identifiers import AccountId, TdspCode
from ossrep.kernel.periods import DatePeriod
from ossrep.published.customer import Address
from ossrep.published.market import DeliveryCharge, DeliveryChargeRequest
from ossrep.published.meter import IntervalUsage, UsageRequest
from ossrep.published.product import PlanVersion, PriceDays

PLACES = Address(line1="1 Main", line2="", city="Waco", state="TX", zip_code="76701")


def _there_and_back(hint: Any, value: Any) -> Any:
    sent = json.loads(json.dumps(writer(hint)(value)))
    return reader(hint, is_strict=True)(sent)


class TestAPublishedMethod:
    @pytest.mark.parametrize("context", CONTEXTS)
    def test_has_a_form_for_arguments_and_answer(self, context: str) -> None:
        for method in methods_of(protocol_of(context)).values():
            for hint in (*method.arguments.values(), method.answer):
                writer(hint)
                reader(hint, is_strict=True)

    def test_may_be_asked_again_unless_it_is_one_of_these(self) -> None:
        every = [m for c in CONTEXTS for m in methods_of(protocol_of(c)).values()]

        assert [m.name for m in every if not m.is_read] == ["close_identity"]


class TestAValue:
    @pytest.mark.parametrize(
        ("hint", "value"),
        [
            (AccountId | None, None),
            (AccountId | None, 7),
            (Decimal, Decimal("-0.10")),
            (float, 0.1),
            (dt.date, dt.date(2026, 11, 1)),
            (dt.datetime, dt.datetime(2026, 11, 1, 6, tzinfo=dt.UTC)),
            (Literal["paper", "email"], "email"),
            (Collection[tuple[TdspCode, str]], [("ONCOR_ELEC", "residential")]),
            (Mapping[AccountId, Decimal], {1: Decimal("2.50"), 2: Decimal(0)}),
            (Mapping[tuple[TdspCode, str], tuple[dt.date, ...]], {("A", "07"): (dt.date.min,)}),
            (Mapping[str, AccountId], {"account_number": 1, "a$": 2}),
            (frozenset[str], frozenset({"a", "b"})),
            (Sequence[tuple[DeliveryCharge, ...] | None], [None, ()]),
            (Sequence[Address], [PLACES]),
            (DatePeriod, DatePeriod(dt.date(2026, 1, 1), dt.date(2026, 2, 1))),
            (Sequence[DeliveryChargeRequest], []),
            (
                PlanVersion,
                PlanVersion(
                    plan_version_id=3,  # type: ignore[arg-type]
                    plan_code="P",
                    version=1,
                    name="P",
                    brand_id=1,  # type: ignore[arg-type]
                    document={
                        "round_kw": None,
                        "camelCase": [1, 2.5, True],
                        "price": Decimal("0.10"),
                        "$": {"$": "object", "value": (1, dt.date(2026, 1, 1))},
                    },
                ),
            ),
        ],
    )
    def test_comes_back_as_it_was(self, hint: Any, value: Any) -> None:
        found = _there_and_back(hint, value)

        assert found == value
        assert type(found) is type(value)

    def test_has_fields_in_camel_case(self) -> None:
        assert writer(Address)(PLACES) == {
            "line1": "1 Main",
            "line2": "",
            "city": "Waco",
            "state": "TX",
            "zipCode": "76701",
        }

    def test_of_columns_keeps_type_and_shape(self) -> None:
        grid = np.arange(-6, 6, dtype=np.int64).reshape(3, 4)

        found = _there_and_back(NDArray[np.int64], grid)

        assert (found.dtype, found.shape) == (np.int64, (3, 4))
        assert found.tolist() == grid.tolist()
        found[0, 0] = 1

    def test_of_usage_comes_back(self) -> None:
        usage = IntervalUsage(
            offsets=np.array([0, 2], dtype=np.int64),
            import_wh=np.array([5, -(2**31)], dtype=np.int32),
            export_wh=np.zeros(2, dtype=np.int32),
            has_export=np.array([True]),
            estimated_intervals=np.zeros(1, dtype=np.int32),
            missing_intervals=np.ones(1, dtype=np.int32),
            register_import_wh=np.full(1, -1, dtype=np.int64),
            register_export_wh=np.full(1, -1, dtype=np.int64),
            register_peak_w=np.full(1, -1, dtype=np.int64),
        )

        found = _there_and_back(IntervalUsage, usage)

        assert found.import_wh.tolist() == [5, -(2**31)]
        assert found.has_export.tolist() == [True]

    def test_of_prices_may_have_gaps(self) -> None:
        days = PriceDays("HB", dt.date(2026, 1, 1), (None, np.array([7], dtype=np.int32)))

        found = _there_and_back(PriceDays, days)

        assert found.days[0] is None
        assert found.days[1].tolist() == [7]


class TestABadValue:
    @pytest.mark.parametrize(
        ("hint", "sent", "where"),
        [
            (AccountId, "7", None),
            (AccountId, True, None),
            (Decimal, 1.5, None),
            (Decimal, "NaN", None),
            (dt.date, "2026-02-30", None),
            (dt.date, 20260101, None),
            (dt.datetime, "2026-01-01T00:00:00", None),
            (Literal["paper"], "fax", None),
            (Sequence[AccountId], {"a": 1}, None),
            (Sequence[AccountId], [1, "2"], "[1]"),
            (tuple[TdspCode, str], ["A"], None),
            (Mapping[AccountId, Decimal], [[1, "x"]], "[0][1]"),
            (Mapping[str, AccountId], {"a": None}, "a"),
            (UsageRequest, {"esiIds": ["1"], "starts": ["x"], "ends": []}, "starts[0]"),
            (UsageRequest, {"esiIds": [], "starts": []}, None),
            (UsageRequest, {"esiIds": [], "starts": [], "ends": [], "zone": ""}, "zone"),
            (NDArray[np.int32], {"dtype": "<i8", "shape": [0], "base64": ""}, None),
            (NDArray[np.int32], {"dtype": "<i4", "shape": [2], "base64": "AAAAAA=="}, None),
            (NDArray[np.int32], {"dtype": "<i4", "shape": [1], "base64": "?"}, None),
            (Mapping[str, Any], {"a": {"$": "eval", "value": "1"}}, "a"),
        ],
    )
    def test_is_refused_with_its_place(self, hint: Any, sent: Any, where: str | None) -> None:
        with pytest.raises(BadValue) as refusal:
            reader(hint, is_strict=True)(sent)

        assert refusal.value.where == where

    def test_of_a_newer_answer_is_passed_over(self) -> None:
        sent = {**writer(Address)(PLACES), "planet": "Earth"}

        assert reader(Address, is_strict=False)(sent) == PLACES

    def test_is_a_path_of_a_file(self) -> None:
        for convert in (writer(Path), reader(Path, is_strict=True)):
            with pytest.raises(NotOverHttp):
                convert(Path("a"))

    def test_is_a_type_without_a_form(self) -> None:
        with pytest.raises(HintNotSupported):
            writer(complex)

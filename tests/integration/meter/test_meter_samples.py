"""The original market files, where they are at hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from ossrep.meter.domain.revisions import Outcome
from tests.integration.meter.importing import current_values, known_esi_ids, run_import

pytestmark = pytest.mark.django_db(databases="__all__")

ONE, TWO = "10443720000000001", "10443720000000002"
LONG = "1008901000000000000001"


@pytest.fixture(autouse=True)
def _premises() -> Iterator[None]:
    with known_esi_ids(ONE, TWO, LONG):
        yield


def sums() -> dict[tuple[str, dt.date, int], int]:
    return {key: sum(values) for key, (values, _) in current_values().items()}


FIXTURES = Path(__file__).parents[2] / "fixtures" / "meter"
LSE_SUMS = {
    (ONE, dt.date(2026, 2, 18), 0): 28_169,
    (TWO, dt.date(2026, 2, 18), 0): 25_464,
    (TWO, dt.date(2026, 2, 18), 1): 17_639,
    (LONG, dt.date(2026, 3, 8), 0): 111_670,
    (LONG, dt.date(2026, 3, 8), 1): 12_000,
    (LONG, dt.date(2026, 11, 1), 0): 133_050,
    (LONG, dt.date(2026, 11, 1), 1): 12_000,
}


class TestConstructedLseFiles:
    @pytest.mark.parametrize("reverse", [False, True])
    def test_add_up_in_either_order(self, reverse: bool) -> None:
        for path in sorted(FIXTURES.glob("*.lse"), reverse=reverse):
            (report,) = run_import(path)
            assert (report.error, report.tally.refused) == ("", 0)

        assert sums() == LSE_SUMS
        # The second read of 18 February leaves no estimate of the first.
        assert current_values()[ONE, dt.date(2026, 2, 18), 0][1] == "A" * 96


class TestOriginals:
    def test_lse_files_add_up(self, samples: Path) -> None:
        run_import(samples / "lse")

        assert sums() == LSE_SUMS

    def test_portal_file_of_a_day(self, samples: Path) -> None:
        (report,) = run_import(samples / "smt_portal_interval_usage_masked.csv")

        assert report.error == ""
        assert report.tally.outcomes == {Outcome.ACCEPTED: 1}
        ((key, (values, letters)),) = current_values().items()
        assert key == (ONE, dt.date(2025, 5, 13), 0)
        assert values[:4] == [857, 466, 362, 1_070]
        assert (len(values), letters) == (96, "A" * 96)

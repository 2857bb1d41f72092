"""Tariff files, read and compared with the book."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from ossrep.product.domain.fields import Problem
from ossrep.product.domain.tariff_changes import (
    SeriesChanges,
    StoredRow,
    plan_additions,
    plan_correction,
)
from ossrep.product.domain.tariff_file import SeriesKey, TariffEntry, read_tariff_file
from ossrep.rating import parse_tariff_rows


def _row(**fields: Any) -> dict[str, Any]:
    return {
        "code": "DIS001",
        "label": "Distribution",
        "unit": "kwh",
        "rate_usd": "0.036043",
        "from": "2026-03-01",
        "to": None,
        **fields,
    }


def _tariff(*rows: Any, **fields: Any) -> dict[str, Any]:
    return {
        "tdsp": "ONCOR_ELEC",
        "rate_class": "residential",
        "source": "a tariff",
        "confidence": "tariff",
        "rows": list(rows),
        **fields,
    }


def _read(*tariffs: Any) -> tuple[list[TariffEntry], list[tuple[str, str]]]:
    problems: list[Problem] = []
    entries = read_tariff_file(
        data={"tariffs": list(tariffs)}, known_tdsps={"ONCOR_ELEC", "TNMP"}, problems=problems
    )
    return entries, [(p.path, p.message) for p in problems]


class TestReadTariffFile:
    def test_gives_each_row_its_place_and_source(self) -> None:
        own = _row(code="TRN002", source="a rider", confidence="unverified")
        entries, problems = _read(_tariff(_row(), own))

        assert problems == []
        assert [(e.path, e.key, e.position, e.source, e.confidence) for e in entries] == [
            (
                "tariffs[0].rows[0]",
                SeriesKey("ONCOR_ELEC", "residential", "DIS001"),
                0,
                "a tariff",
                "tariff",
            ),
            (
                "tariffs[0].rows[1]",
                SeriesKey("ONCOR_ELEC", "residential", "TRN002"),
                1,
                "a rider",
                "unverified",
            ),
        ]
        assert entries[0].row.rate_usd == Decimal("0.036043")

    def test_tells_every_problem_with_its_path(self) -> None:
        _, problems = _read(
            _tariff(_row(rate_usd=0.036, unit="mile"), tdsp="ONCOR", confidence="sure"),
            _tariff(_row(note="x", confidence="sure"), rate_class="Residential"),
        )

        assert [path for path, _ in problems] == [
            "tariffs[0].tdsp",
            "tariffs[0].confidence",
            "tariffs[0].rows[0].unit",
            "tariffs[0].rows[0].rate_usd",
            "tariffs[1].rate_class",
            "tariffs[1].rows[0].note",
        ]

    def test_refuses_a_rate_class_that_stands_twice(self) -> None:
        _, problems = _read(_tariff(_row()), _tariff(_row(code="TRN002")))

        assert problems == [
            ("tariffs[1]", "ONCOR_ELEC residential stands at tariffs[0] too"),
        ]

    def test_refuses_what_is_no_tariff_file(self) -> None:
        problems: list[Problem] = []

        read_tariff_file(data=["x"], known_tdsps=(), problems=problems)

        assert problems == [Problem("", "must be a mapping with the fields tariffs")]


def _stored(row_id: int, **fields: Any) -> StoredRow:
    (row,) = parse_tariff_rows([_row(**fields)])
    return StoredRow(row_id, row, 0, "a tariff", "tariff")


def _entries(*rows: dict[str, Any]) -> list[TariffEntry]:
    entries, problems = _read(_tariff(*rows))
    assert problems == []
    return entries


def _plan(
    stored: list[StoredRow], entries: list[TariffEntry]
) -> tuple[SeriesChanges, list[tuple[str, str]]]:
    problems: list[Problem] = []
    changes = plan_additions(stored=stored, entries=entries, problems=problems)
    return changes, [(p.path, p.message) for p in problems]


class TestPlanAdditions:
    def test_adds_what_is_new(self) -> None:
        changes, problems = _plan(
            [_stored(1, to="2026-09-01")],
            _entries(_row(to="2026-09-01"), _row(**{"from": "2026-09-01"})),
        )

        assert problems == []
        assert [e.row.from_date for e in changes.inserts] == [dt.date(2026, 9, 1)]
        assert (changes.closings, changes.updates, changes.deletes) == ([], [], [])

    def test_ends_an_open_row_and_adds_the_next(self) -> None:
        changes, problems = _plan(
            [_stored(1)],
            _entries(_row(to="2026-09-01"), _row(rate_usd="0.04", **{"from": "2026-09-01"})),
        )

        assert problems == []
        assert [(s.row_id, e.row.to_date) for s, e in changes.closings] == [
            (1, dt.date(2026, 9, 1))
        ]
        assert len(changes.inserts) == 1

    def test_leaves_rows_alone_that_the_file_does_not_name(self) -> None:
        changes, problems = _plan(
            [_stored(1, to="2026-09-01")], _entries(_row(**{"from": "2026-09-01"}))
        )

        assert problems == []
        assert (len(changes.inserts), changes.deletes) == (1, [])

    def test_refuses_another_rate_for_known_days(self) -> None:
        _, problems = _plan([_stored(1)], _entries(_row(rate_usd="0.04")))

        assert problems == [
            (
                "tariffs[0].rows[0]",
                "contradicts the stored row 0.036043 per kwh from 2026-03-01 without end; mend the "
                "file, or replace the stored rows of this charge with --correct and a --reason",
            )
        ]

    def test_refuses_another_end(self) -> None:
        _, problems = _plan([_stored(1, to="2026-09-01")], _entries(_row(to="2026-10-01")))

        assert [path for path, _ in problems] == ["tariffs[0].rows[0]"]

    def test_refuses_days_that_a_stored_row_holds(self) -> None:
        _, problems = _plan([_stored(1)], _entries(_row(**{"from": "2026-09-01"})))

        assert problems == [
            (
                "tariffs[0].rows[0]",
                "shares days with the stored row 0.036043 per kwh from 2026-03-01 without end; give"
                " that row with its end in the same file, or use --correct with a --reason",
            )
        ]

    def test_takes_other_words_for_the_same_money(self) -> None:
        changes, problems = _plan([_stored(1)], _entries(_row(label="Distribution charge")))

        assert problems == []
        assert [s.row_id for s, _ in changes.updates] == [1]


class TestPlanCorrection:
    def test_makes_the_charge_what_the_file_says(self) -> None:
        stored = [_stored(1, to="2026-06-01"), _stored(2, **{"from": "2026-06-01"})]

        changes = plan_correction(
            stored=stored,
            entries=_entries(
                _row(rate_usd="0.04", to="2026-07-01"), _row(**{"from": "2026-07-01"})
            ),
        )

        assert [s.row_id for s, _ in changes.updates] == [1]
        assert [s.row_id for s in changes.deletes] == [2]
        assert [e.row.from_date for e in changes.inserts] == [dt.date(2026, 7, 1)]

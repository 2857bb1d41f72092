"""Shared calendars and holiday lists: versions, and what a published plan keeps of them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from ossrep.product.domain.fields import InvalidFile
from ossrep.product.models import PlanVersion, SharedDefinition
from ossrep.product.usecases.import_calendars import SharedImported, import_calendars
from ossrep.product.usecases.import_plan import import_plan
from ossrep.product.usecases.publish_plan import publish_plan
from ossrep.rating import parse_plan
from tests.integration.product.book import NOW, import_brands, plan_document, write_yaml

pytestmark = pytest.mark.django_db(databases="__all__")

TODAY = dt.date(2026, 11, 22)


def _calendar(start: str = "14:00") -> dict[str, Any]:
    return {
        "buckets": [
            {"name": "peak", "windows": [{"from": start, "to": "20:00", "days": ["weekday"]}]}
        ],
        "otherwise": {"name": "off"},
        "holidays": "us",
    }


def _file(folder: Path, effective: str = "2026-01-01", **definitions: Any) -> Path:
    data = {
        "effective": effective,
        "holidays": {"us": ["2026-07-04", "2026-12-25"]},
        "calendars": {"summer": _calendar()},
        **definitions,
    }
    return write_yaml(folder / "shared.yaml", data)


def _plan(folder: Path, name: str = "Time of use") -> Path:
    component = {
        "kind": "energy_time_of_use",
        "code": "energy",
        "calendar": "summer",
        "prices": {"peak": "0.25", "off": "0.09"},
    }
    return write_yaml(folder / "plan.yaml", plan_document(name=name, components=[component]))


class TestImportCalendars:
    def test_keeps_a_first_version_once(self, tmp_path: Path) -> None:
        path = _file(tmp_path)

        assert import_calendars(path=path) == [
            SharedImported("holidays", "us", 1, True),
            SharedImported("calendar", "summer", 1, True),
        ]
        assert [outcome.is_new for outcome in import_calendars(path=path)] == [False, False]

    def test_keeps_a_change_as_the_next_version(self, tmp_path: Path) -> None:
        import_calendars(path=_file(tmp_path))
        changed = _file(tmp_path, "2027-01-01", calendars={"summer": _calendar("15:00")})

        assert import_calendars(path=changed) == [
            SharedImported("holidays", "us", 1, False),
            SharedImported("calendar", "summer", 2, True),
        ]

    def test_refuses_a_change_that_is_not_later(self, tmp_path: Path) -> None:
        import_calendars(path=_file(tmp_path))
        changed = _file(tmp_path, calendars={"summer": _calendar("15:00")})

        with pytest.raises(InvalidFile, match=r"calendars\.summer: version 1 is in force from"):
            import_calendars(path=changed)

        assert SharedDefinition.objects.count() == 2

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("effective: 2026-01-01\n", "1: holds neither holidays nor calendars"),
            ("effective: 2026-W01-1\n", "1: effective: must be a date like 2026-03-01, not '2026"),
            (
                f"effective: 2026-01-01\nholidays: {{{'n' * 61}: [2026-01-01]}}\n",
                f"2: holidays.{'n' * 61}: a name has 1 to 60 characters",
            ),
            ("effective: 2026-01-01\nholidays: 5\n", "2: holidays: must be a mapping"),
        ],
    )
    def test_refuses_a_file_that_shares_nothing(
        self, text: str, message: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "calendars.yaml"
        path.write_text(text)

        with pytest.raises(InvalidFile) as caught:
            import_calendars(path=path)

        assert str(caught.value).startswith(f"{path}:{message}")
        assert SharedDefinition.objects.count() == 0

    def test_tells_what_is_wrong_with_a_calendar(self, tmp_path: Path) -> None:
        broken = _calendar()
        broken["buckets"][0]["windows"][0]["to"] = "14:00"
        broken["holidays"] = "mars"
        path = _file(tmp_path, calendars={"summer": broken})

        with pytest.raises(InvalidFile) as caught:
            import_calendars(path=path)

        assert [line.split(": ", 1)[1] for line in str(caught.value).splitlines()] == [
            'calendars.summer.buckets[0].windows[0].to: equals "from"; a whole day is "00:00" to '
            '"24:00"',
            "calendars.summer.holidays: no holiday list is named 'mars', "
            "in the plan or shared and in force",
        ]
        assert SharedDefinition.objects.count() == 0


class TestPublishedPlan:
    def test_stands_alone_whatever_happens_to_the_calendar(self, tmp_path: Path) -> None:
        import_brands(tmp_path)
        import_calendars(path=_file(tmp_path))
        import_plan(path=_plan(tmp_path), as_of=TODAY)
        publish_plan(plan_code="FLAT-12", as_of=NOW)

        import_calendars(
            path=_file(tmp_path, "2026-06-01", calendars={"summer": _calendar("15:00")})
        )

        version = PlanVersion.objects.get()
        assert version.document["calendars"] == {"summer": _calendar()}
        assert version.document["holidays"] == {"us": ["2026-07-04", "2026-12-25"]}
        assert version.resolved_from == [
            {"kind": "calendar", "name": "summer", "version": 1},
            {"kind": "holidays", "name": "us", "version": 1},
        ]
        assert parse_plan(document=version.document).code == "FLAT-12"
        assert "calendars" not in version.source_document

    def test_takes_the_version_in_force_on_its_date(self, tmp_path: Path) -> None:
        import_brands(tmp_path)
        import_calendars(path=_file(tmp_path))
        import_calendars(
            path=_file(tmp_path, "2026-06-01", calendars={"summer": _calendar("15:00")})
        )
        import_calendars(
            path=_file(tmp_path, "2027-01-01", calendars={"summer": _calendar("16:00")})
        )
        import_plan(path=_plan(tmp_path), as_of=TODAY)

        publish_plan(plan_code="FLAT-12", as_of=NOW)

        assert PlanVersion.objects.get().document["calendars"] == {"summer": _calendar("15:00")}

    def test_is_refused_without_the_calendar_it_names(self, tmp_path: Path) -> None:
        import_brands(tmp_path)

        with pytest.raises(InvalidFile, match="no calendar is named 'summer'"):
            import_plan(path=_plan(tmp_path), as_of=TODAY)

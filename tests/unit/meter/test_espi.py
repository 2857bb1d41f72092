"""Green Button files: what they say, and that the schema takes them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from lxml import etree

from ossrep.meter.domain.interval_days import EXPORT
from ossrep.meter.files.espi import ATOM, ESPI, green_button_xml
from ossrep.published.meter import MISSING_WH
from tests.unit.meter.usage_days import ESI_ID, a_channel, a_point

SPRING, FALL = dt.date(2026, 3, 8), dt.date(2026, 11, 1)
NAMES = {"a": ATOM, "e": ESPI}
# The schema imports Atom's, which does not come with it, and uses nothing of it.
EMPTY_ATOM = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{ATOM}"/>'


@pytest.fixture
def schema(samples: Path, tmp_path: Path) -> etree.XMLSchema:
    """The published schema; the copy at hand lacks the declaration of its own namespace."""
    text = (samples / "espi" / "espi.xsd").read_text()
    if f'xmlns="{ESPI}"' not in text:
        text = text.replace("targetNamespace=", f'xmlns="{ESPI}" targetNamespace=', 1)
    (tmp_path / "espi.xsd").write_text(text)
    (tmp_path / "atom.xsd").write_text(EMPTY_ATOM)
    return etree.XMLSchema(etree.parse(tmp_path / "espi.xsd"))


def a_feed(date: dt.date, *, days: int = 1) -> etree._Element:
    end = date + dt.timedelta(days=days)
    channel = a_channel(date, end)
    channel.wh[1] = MISSING_WH
    channel.quality[:1] = ord("I")
    point = a_point(channel, a_channel(date, end, wh=90, direction=EXPORT))
    text = green_button_xml(
        title="Usage",
        account_id=7,
        points=[point],
        updated_at=dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC),
    )
    return etree.fromstring(text)


def contents(feed: etree._Element) -> list[etree._Element]:
    return [content[0] for content in feed.findall(".//a:content", NAMES)]


class TestGreenButtonXml:
    def test_has_an_entry_for_each_resource(self) -> None:
        names = [etree.QName(content).localname for content in contents(a_feed(SPRING))]

        assert names == [
            "LocalTimeParameters",
            "UsagePoint",
            "MeterReading",
            "ReadingType",
            "IntervalBlock",
            "MeterReading",
            "ReadingType",
            "IntervalBlock",
        ]

    def test_keeps_words_that_look_like_markup(self) -> None:
        title = "<b>\"Usage\"</b> & 'more'"
        stamp = dt.datetime(2026, 11, 20, 8, 0, tzinfo=dt.UTC)
        text = green_button_xml(title=title, account_id=7, points=[], updated_at=stamp)

        assert etree.fromstring(text).findtext("a:title", namespaces=NAMES) == title

    def test_names_each_entry_once_and_alike_each_time(self) -> None:
        first, second = (
            [found.text for found in a_feed(SPRING).findall(".//a:id", NAMES)] for _ in range(2)
        )

        assert len(set(first)) == len(first) == 9
        assert first == second

    def test_changes_the_clock_on_the_sundays_of_the_law(self) -> None:
        (parameters, *_) = contents(a_feed(SPRING))

        assert [(etree.QName(found).localname, found.text) for found in parameters] == [
            ("dstEndRule", "B40E2000"),
            ("dstOffset", "3600"),
            ("dstStartRule", "360E2000"),
            ("tzOffset", "-21600"),
        ]

    @pytest.mark.parametrize(("date", "hours"), [(SPRING, 23), (FALL, 25)])
    def test_gives_a_day_its_own_length(self, date: dt.date, hours: int) -> None:
        feed = a_feed(date)

        blocks = feed.findall(".//e:IntervalBlock", NAMES)
        durations = [block.findtext("e:interval/e:duration", None, NAMES) for block in blocks]
        readings = [len(block.findall("e:IntervalReading", NAMES)) for block in blocks]

        assert durations == [str(hours * 3600)] * 2
        assert readings == [4 * hours - 1, 4 * hours]

    def test_gives_start_length_value_and_quality_of_a_quarter_hour(self) -> None:
        first, second, *_ = a_feed(SPRING).findall(".//e:IntervalReading", NAMES)

        assert first.findtext("e:ReadingQuality/e:quality", None, NAMES) == "9"
        assert first.findtext("e:timePeriod/e:start", None, NAMES) == "1772949600"
        assert first.findtext("e:timePeriod/e:duration", None, NAMES) == "900"
        assert first.findtext("e:value", None, NAMES) == "250"
        assert second.find("e:ReadingQuality", NAMES) is None
        assert second.findtext("e:timePeriod/e:start", None, NAMES) == str(1772949600 + 1800)

    def test_tells_export_by_its_direction(self) -> None:
        kinds = a_feed(SPRING).findall(".//e:ReadingType", NAMES)

        flows = [kind.findtext("e:flowDirection", None, NAMES) for kind in kinds]
        assert flows == ["1", "19"]

    def test_links_a_meter_reading_to_its_type(self) -> None:
        feed = a_feed(SPRING)
        own = feed.findall("a:entry/a:link[@rel='self']", NAMES)
        related = feed.findall("a:entry/a:link[@rel='related']", NAMES)
        ups = feed.findall("a:entry/a:link[@rel='up']", NAMES)
        known = {link.get("href") for link in (*own, *ups)}

        assert len({link.get("href") for link in own}) == len(own)
        assert {link.get("href") for link in related} <= known
        assert f"espi/1_1/resource/UsagePoint/{ESI_ID}" in known

    def test_is_what_the_schema_wants(self, schema: etree.XMLSchema) -> None:
        for content in contents(a_feed(FALL, days=3)):
            schema.assertValid(etree.ElementTree(content))

    def test_is_not_taken_by_the_schema_in_another_order(self, schema: etree.XMLSchema) -> None:
        (parameters, *_) = contents(a_feed(FALL))
        parameters.append(parameters[0])

        assert not schema.validate(etree.ElementTree(parameters))

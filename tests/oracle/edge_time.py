"""Edges of windows, day types, seasons and clock changes."""

from __future__ import annotations

from tests.oracle.building import (
    bucket,
    component_of,
    intervals,
    period_of,
    plan_of,
    site_of,
    window,
)
from tests.oracle.documents import Document
from tests.oracle.edge_case import EdgeCase, edge
from tests.oracle.edge_components import amounts
from tests.oracle.market_days import Period

WINDOWS = "Windows are [from, to) of local wall-clock time with day types and seasons."
MIDNIGHT = "A window over midnight is judged, after midnight, by the interval's own date."
DAY_TYPES = "Holiday before weekend before weekday; one type for each date; no list, no holidays."
SEASONS = "MM-DD to MM-DD, both ends included, over the year's end when reversed."
CLOCKS = "Days have 92, 96 or 100 quarter hours; 01:00-01:45 twice in fall."

MONDAY = period_of("2026-06-01", 1)
FRIDAY_AND_SATURDAY = period_of("2026-06-05", 2)
FOURTH_OF_JULY = period_of("2026-07-02", 4)
SPRING_FORWARD = period_of("2026-03-08", 1)
FALL_BACK = period_of("2026-11-01", 1)


def each_kwh(period: Period) -> Document:
    return intervals(period, lambda date, minute: 1000)


def at(period: Period, wh_of_minute: dict[int, int]) -> Document:
    return intervals(period, lambda date, minute: wh_of_minute.get(minute, 0))


def time_of_use(*buckets: Document, **fields: object) -> Document:
    rest = bucket("rest", "0.10")
    return component_of(
        "energy_time_of_use", "energy", buckets=list(buckets), otherwise=rest, **fields
    )


def peak(*windows: Document) -> Document:
    return bucket("peak", "1.00", *windows)


def used(period: Period, *components: Document, **fields: object) -> Document:
    return site_of(plan_of(*components), each_kwh(period), **fields)


SUMMER_DAY = [{"from": "06-01", "to": "06-01"}]
WINTER = [{"from": "11-01", "to": "02-28"}]
BUCKETS = (
    edge(
        "window ends before its end",
        WINDOWS,
        MONDAY,
        site_of(
            plan_of(time_of_use(peak(window("14:00", "20:00")))),
            at(MONDAY, {825: 1000, 840: 10_000, 1185: 100_000, 1200: 1_000_000}),
        ),
        expected=amounts("110.00", "100.10"),
    ),
    edge(
        "window to the end of the day",
        WINDOWS,
        MONDAY,
        used(MONDAY, time_of_use(peak(window("23:00", "24:00")))),
        expected=amounts("4.00", "9.20"),
    ),
    edge(
        "windows of one bucket overlap",
        WINDOWS,
        MONDAY,
        used(MONDAY, time_of_use(peak(window("08:00", "12:00"), window("10:00", "14:00")))),
        expected=amounts("24.00", "7.20"),
    ),
    edge(
        "bucket without usage",
        WINDOWS,
        MONDAY,
        site_of(plan_of(time_of_use(peak(window("14:00", "20:00")))), at(MONDAY, {0: 10_000})),
        expected=amounts("1.00"),
    ),
    edge(
        "weekday night ends at Friday's midnight",
        MIDNIGHT,
        FRIDAY_AND_SATURDAY,
        used(
            FRIDAY_AND_SATURDAY,
            time_of_use(peak(window("20:00", "06:00", days=["weekday"]))),
        ),
        expected=amounts("40.00", "15.20"),
    ),
    edge(
        "holiday on a Saturday is a holiday",
        DAY_TYPES,
        FOURTH_OF_JULY,
        used(
            FOURTH_OF_JULY,
            time_of_use(
                bucket("weekend", "0.01", window("00:00", "24:00", days=["weekend"])),
                bucket("holiday", "1.00", window("00:00", "24:00", days=["holiday"])),
                holidays=["2026-07-04"],
            ),
        ),
        expected=amounts("0.96", "96.00", "19.20"),
    ),
    edge(
        "no list, no holidays",
        DAY_TYPES,
        FOURTH_OF_JULY,
        used(
            FOURTH_OF_JULY,
            time_of_use(
                bucket("weekend", "0.01", window("00:00", "24:00", days=["weekend"])),
                bucket("holiday", "1.00", window("00:00", "24:00", days=["holiday"])),
            ),
        ),
        expected=amounts("1.92", "19.20"),
    ),
    edge(
        "named calendar and holidays",
        DAY_TYPES,
        FOURTH_OF_JULY,
        site_of(
            plan_of(
                component_of(
                    "energy_time_of_use",
                    calendar="summer",
                    prices={"peak": "0.50", "rest": "0.01"},
                ),
                holidays={"nation": ["2026-07-03"]},
                calendars={
                    "summer": {
                        "buckets": [
                            bucket("peak", None, window("14:00", "20:00", days=["holiday"]))
                        ],
                        "otherwise": bucket("rest", None),
                        "holidays": "nation",
                    }
                },
            ),
            each_kwh(FOURTH_OF_JULY),
        ),
        expected=amounts("12.00", "3.60"),
    ),
    edge(
        "season of one day",
        SEASONS,
        period_of("2026-05-31", 3),
        used(
            period_of("2026-05-31", 3),
            time_of_use(peak(window("00:00", "24:00", seasons=SUMMER_DAY))),
        ),
        expected=amounts("96.00", "19.20"),
    ),
    edge(
        "season over the year's end, its last day",
        SEASONS,
        period_of("2026-02-27", 3),
        used(
            period_of("2026-02-27", 3),
            time_of_use(peak(window("00:00", "24:00", seasons=WINTER))),
        ),
        expected=amounts("192.00", "9.60"),
    ),
    edge(
        "season over the year's end, its first day",
        SEASONS,
        period_of("2026-10-31", 2),
        used(
            period_of("2026-10-31", 2),
            time_of_use(peak(window("00:00", "24:00", seasons=WINTER))),
        ),
        expected=amounts("100.00", "9.60"),
    ),
    edge(
        "the hour that comes twice",
        CLOCKS,
        FALL_BACK,
        used(FALL_BACK, time_of_use(peak(window("01:00", "02:00")))),
        expected=amounts("8.00", "9.20"),
    ),
    edge(
        "the hour that is skipped",
        CLOCKS,
        SPRING_FORWARD,
        used(SPRING_FORWARD, time_of_use(peak(window("02:00", "03:00")))),
        expected=amounts("9.20"),
    ),
    edge(
        "the hour after the skipped one",
        CLOCKS,
        SPRING_FORWARD,
        used(SPRING_FORWARD, time_of_use(peak(window("01:00", "04:00")))),
        expected=amounts("8.00", "8.40"),
    ),
)

EDGES: tuple[EdgeCase, ...] = BUCKETS

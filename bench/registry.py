"""The market registry: an extract of a million ESI IDs taken in, and addresses found among two.

``manage.py market import-esiids`` runs as a process of its own on a database of its own (migrated,
empty, default durability); the start of the interpreter is in the figure. No premises of ours is
in the file, as almost none is in the real one. Addresses are made by the server itself: streets
and numbers repeat as in real towns, an eighth of the points are units of one house.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connections

from bench.database import scratch_database
from bench.figures import BenchCannotRun, Figure

IMPORT_BAR_S, IMPORT_AIM_S = 60.0, 20.0
SEARCH_BAR_MS, SEARCH_AIM_MS = 50.0, 10.0
_FIRST = (
    "BLUEBONNET", "MESQUITE", "PECAN", "OAK", "CEDAR", "WILLOW", "MAPLE", "ELM", "COTTON",
    "LONGHORN", "MUSTANG", "COYOTE", "EAGLE", "FALCON", "PRAIRIE", "MEADOW", "CANYON", "CREEK",
    "RIVER", "LAKE", "SPRING", "SUMMER", "AUTUMN", "WINTER", "SUNSET", "SUNRISE", "LIBERTY",
    "FREEDOM", "HERITAGE", "PIONEER",
)  # fmt: skip
_LAST = (
    "RIDGE", "HOLLOW", "VALLEY", "GROVE", "BLUFF", "FIELD", "VIEW", "CROSSING", "STONE", "FOREST",
    "HILL", "GLEN", "MILL", "BROOK", "SHADOW", "TRAIL", "POINT", "PARK", "HAVEN", "GATE",
)  # fmt: skip
_KINDS = ("DR", "LN", "ST", "CT", "RD", "AVE", "BLVD", "TRL", "WAY", "CIR")


def run(*, quick: bool) -> list[Figure]:
    """The import, a second one with few changes, then the search."""
    rows, points, searches = (100_000, 200_000, 200) if quick else (1_000_000, 2_000_000, 1_000)
    with scratch_database(), tempfile.TemporaryDirectory() as name:
        figures = list(_imports(Path(name), rows))
        figures.append(_search(points, searches))
    return figures


def _imports(folder: Path, rows: int) -> Iterator[Figure]:
    first = folder / "ONCOR_ELEC___FUL-REPORTS-02-FEB-26.csv"
    second = folder / "ONCOR_ELEC___FUL-REPORTS-02-MAR-26.csv"
    _write(first, rows, changed_every=0)
    _write(second, rows, changed_every=50)
    scale = 1_000_000 / rows
    for path, added, changed, what in (
        (first, rows, 0, "into an empty registry"),
        (second, 0, rows // 50, "the month after, 2 % changed"),
    ):
        started = time.perf_counter()
        told = _import(path)
        seconds = time.perf_counter() - started
        if (told["added"], told["changed"]) != (added, changed):
            raise BenchCannotRun(f"the import did something else: {told}")
        yield Figure(
            name=f"ESI ID extract, 1 million rows {what}",
            value=seconds * scale,
            unit="s",
            bar=IMPORT_BAR_S,
            aim=IMPORT_AIM_S,
            lower_is_better=True,
            note=f"{rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB, {seconds:.1f} s with "
            "process start",
        )


def _import(path: Path) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "manage.py", "market", "import-esiids", str(path), "--json"],
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchCannotRun(done.stderr[-2000:])
    told: dict[str, int] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def _write(path: Path, rows: int, *, changed_every: int) -> None:
    draw = random.Random(7)
    with path.open("w", encoding="utf-8") as out:
        for number in range(rows):
            kind = draw.choice(_KINDS)
            street = f"{draw.randrange(1, 9900)} {draw.choice(_FIRST)} {draw.choice(_LAST)} {kind}"
            unit = f'"APT {number % 400}"' if number % 8 == 0 else ""
            status = "Inactive" if changed_every and number % changed_every == 0 else "Active"
            out.write(
                f'"1044372{number * 7919 % 10**10:010d}","{street}",{unit},"DALLAS","TX",'
                f'"{75001 + draw.randrange(400)}","DALLAS","1039940674000","{number % 21 + 1:02d}",'
                f'"{status}","Residential","ERCOT","ST{number % 900}","STATION {number % 900}",'
                '"Y",,"Residential","Y","AMSR","N",,\n'
            )


_FILL = """
    INSERT INTO service_point (esi_id, tdsp_code, status, street, street_line2, city, state,
        zip_code, county, premise_type, power_region, read_cycle, load_profile, rate_class,
        rate_subclass, station, station_name, loss_factor, is_metered, ams_indicator,
        meter_numbers, has_switch_hold, special_needs_status, open_service_orders,
        polr_customer_class, metered_service_type, metered_service_type_text, house_number,
        street_start, street_end, told, changed_at, changed_xid)
    SELECT '1008901' || lpad(n::text, 15, '0'), 'CENTERPOINT', 'Active',
        number || ' ' || name.first || ' ' || name.last || ' ' || name.kind,
        CASE WHEN n %% 8 < 1 THEN 'APT ' || n %% 400 ELSE '' END, 'HOUSTON', 'TX', zip, 'HARRIS',
        'Residential', 'ERCOT', '01', '', '', '', 'ST', 'STATION', '', true, 'AMSR', '[]', false,
        '', '', 'Residential', '', '', number, left(name.first || name.last, 4),
        right(name.first || name.last, 4), '{}', now(), pg_current_xact_id()::text::bigint
    FROM generate_series(1, %(points)s) AS n,
    LATERAL (SELECT 1 + (n::bigint * 7919 / 8 * 8 + 5) %% 9899 AS number,
                    (77001 + (n::bigint * 104729 / 8) %% 500)::text AS zip) AS place,
    LATERAL (SELECT (%(first)s::text[])[1 + (n::bigint * 31 / 8) %% 30] AS first,
                    (%(last)s::text[])[1 + (n::bigint * 17 / 64) %% 20] AS last,
                    (%(kind)s::text[])[1 + (n::bigint / 512) %% 10] AS kind) AS name
"""


def _search(points: int, searches: int) -> Figure:
    from ossrep.market.queries.address_search import search_addresses

    entry = connections["market"]
    with entry.cursor() as cursor:
        cursor.execute(
            _FILL,
            {"points": points, "first": list(_FIRST), "last": list(_LAST), "kind": list(_KINDS)},
        )
    _vacuum()
    with entry.cursor() as cursor:
        cursor.execute(
            "SELECT esi_id, street, street_line2, zip_code FROM service_point "
            "WHERE esi_id LIKE '1008901%%' ORDER BY hashtext(esi_id) LIMIT %s",
            [searches],
        )
        wanted = cursor.fetchall()
    draw = random.Random(11)
    durations, hits = [], 0
    for place, (esi_id, street, unit, zip_code) in enumerate(wanted):
        text, with_zip = _typed(draw, street, unit, place)
        started = time.perf_counter()
        found = search_addresses(text=text, zip_code=zip_code if with_zip else None, limit=10)
        durations.append(1000 * (time.perf_counter() - started))
        hits += any(one.point.street == street or one.point.esi_id == esi_id for one in found)
    durations.sort()
    return Figure(
        name="address search, p95",
        value=durations[int(0.95 * len(durations))],
        unit="ms",
        bar=SEARCH_BAR_MS,
        aim=SEARCH_AIM_MS,
        lower_is_better=True,
        note=f"{points:,} service points besides the extract's, {len(wanted):,} searches, a third "
        f"each exact with ZIP, with a typing error, and without ZIP; median "
        f"{statistics.median(durations):.1f} ms, slowest {durations[-1]:.0f} ms, the street is "
        f"among the first ten in {100 * hits / len(wanted):.1f} %",
    )


def _typed(draw: random.Random, street: str, unit: str, place: int) -> tuple[str, bool]:
    """What a person might type, and whether with the ZIP."""
    text = f"{street} {unit}".strip().lower()
    if place % 3 == 0:
        return text, True
    if place % 3 == 1:
        spot = draw.randrange(text.index(" ") + 1, len(street) - 3)
        return text[:spot] + draw.choice("aeiorst") + text[spot + 1 :], True
    return street.lower(), False


def _vacuum() -> None:
    from ossrep.infra import database

    connections["market"].close()
    settings = connections["market"].settings_dict
    with database.superuser_connection(settings, dbname=str(settings["NAME"])) as server:
        server.execute("VACUUM ANALYZE market.service_point")

"""A book of homes in the real contexts' tables: 30 days of quarter hours each, by COPY.

Only the way in is short; what is stored is what the importers would have stored.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from django.db import connections

from ossrep.billing.models import TaxPlace
from ossrep.infra.database import superuser_connection
from ossrep.market.models import ReadDate, Tdsp
from ossrep.meter.usecases.ensure_partitions import ensure_partitions
from ossrep.product.usecases.import_brands import import_brands
from ossrep.product.usecases.import_plan import import_plan
from ossrep.product.usecases.import_tariffs import import_tariffs
from ossrep.product.usecases.publish_plan import publish_plan

START = dt.date(2026, 6, 9)
DAYS = 30
READ = START + dt.timedelta(days=DAYS)
INTERVALS = 96
PROFILES = 4_000
POINTS_PER_COPY = 2_000
CYCLE = "07"
PLACES = 50

BRANDS = """
brands:
  - code: BENCH
    legal_name: Bench Retail LLC
    display_name: Bench Power
    certificate_number: "10000"
    duns: "000000000"
    address_lines: ["1 Main St", "Dallas, TX 75201"]
    billing_phone: 1-800-555-0100
    billing_hours: "Monday to Friday 7 am to 8 pm"
    outage_phones: {ONCOR_ELEC: 1-800-555-0101}
    email: care@bench.example
    website: https://www.bench.example
"""

PLAN = """
plan: BENCH-TOU
name: Bench Hours 12
brand: BENCH
product_type: fixed
customer_class: residential
term_months: 12
components:
  - {kind: base_charge_monthly, code: base, amount_usd: "9.95"}
  - kind: energy_time_of_use
    code: energy
    buckets:
      - {name: night, label: "Energy, nights", price_usd_per_kwh: "0.071",
         windows: [{from: "21:00", to: "06:00"}]}
      - {name: peak, label: "Energy, peak", price_usd_per_kwh: "0.213",
         windows: [{from: "15:00", to: "19:00", days: [weekday]}]}
    otherwise: {name: day, label: "Energy, days", price_usd_per_kwh: "0.129"}
  - {kind: usage_credit, code: bonus, label: "Usage credit", amount_usd: "30", from_kwh: "500"}
  - {kind: delivery, code: tdu}
"""

_TARIFF_ROWS = (
    ("BAS001", "Customer charge", "month", "1.48"),
    ("BAS003", "Metering charge", "month", "2.58"),
    ("DIS001", "Distribution system charge", "kwh", "0.036043"),
    ("TRN002", "Transmission charge", "kwh", "0.019046"),
)
TARIFF = """
tariffs:
  - tdsp: ONCOR_ELEC
    rate_class: residential
    source: a tariff of the usual kind and size
    confidence: unverified
    rows:
""" + "\n".join(
    f'      - {{code: {code}, label: "{label}", unit: {unit}, rate_usd: "{rate}", '
    "from: 2026-01-01, to: null}"
    for code, label, unit, rate in _TARIFF_ROWS
)

_CUSTOMERS = """
    INSERT INTO customer.customer (id, number, type, first_name, last_name, business_name)
    SELECT n, 'C' || n, 'individual', 'Pat', 'Bench ' || n, ''
    FROM generate_series({first}, {last}) n;
    INSERT INTO customer.account (id, number, customer_id, brand_id, customer_class, nickname,
      bill_to_name, mailing_line1, mailing_line2, mailing_city, mailing_state, mailing_zip,
      delivery, email, language)
    SELECT n, '7' || lpad(n::text, 8, '0'), n, {brand}, 'residential', '', 'Pat Bench ' || n,
           n || ' Pecan Street', '', 'Dallas', 'TX', '75201', 'email', 'pat' || n || '@example.com',
           'en'
    FROM generate_series({first}, {last}) n;
    INSERT INTO customer.premises (id, number, esi_id, tdsp_code, read_cycle, rate_class,
      service_line1, service_line2, service_city, service_state, service_zip, county, tax_place)
    SELECT n, 'P' || n, '1044372' || lpad(n::text, 10, '0'), 'ONCOR_ELEC', '{cycle}',
           'residential', n || ' Pecan Street', '', 'Dallas', 'TX', '75201', 'Dallas',
           'PLACE-' || n % {places}
    FROM generate_series({first}, {last}) n;
    INSERT INTO customer.meter (id, premises_id, number, installed_date)
    SELECT n, n, 'M' || n, '2020-01-01' FROM generate_series({first}, {last}) n;
    INSERT INTO customer.contract (id, number, account_id, premises_id, plan_version_id, status,
      start_date, term_end_date, end_reason)
    SELECT n, 'K' || n, n, n, {plan}, 'active', '{start}', '2027-06-09', ''
    FROM generate_series({first}, {last}) n;
    INSERT INTO meter.meter_point (id, esi_id)
    SELECT n, '1044372' || lpad(n::text, 10, '0') FROM generate_series({first}, {last}) n;
    ANALYZE customer.account; ANALYZE customer.contract; ANALYZE customer.premises;
    ANALYZE customer.customer; ANALYZE customer.meter; ANALYZE meter.meter_point;
"""


def make_reference_data() -> tuple[int, int]:
    """Brand, plan, tariff and read calendar by their own use cases; ids of brand and version."""
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for name, text in (("brands", BRANDS), ("plan", PLAN), ("tariff", TARIFF)):
            files[name] = Path(folder) / f"{name}.yaml"
            files[name].write_text(text)
        import_brands(path=files["brands"])
        import_tariffs(path=files["tariff"])
        import_plan(path=files["plan"], as_of=START)
        published = publish_plan(
            plan_code="BENCH-TOU", as_of=dt.datetime.combine(START, dt.time(), dt.UTC)
        )
    tdsp = Tdsp.objects.get(code="ONCOR_ELEC")
    for date in (START, READ):
        ReadDate.objects.create(
            tdsp=tdsp, read_cycle=CYCLE, month=date.replace(day=1), read_date=date
        )
    TaxPlace.objects.bulk_create(
        TaxPlace(code=f"PLACE-{n}", name=f"Place {n}", population=1_500 * (n + 1))
        for n in range(PLACES)
    )
    ensure_partitions(first=START, last=READ)
    return 1, int(published.plan_version_id)


def make_homes(
    *, database: str, first: int, last: int, brand_id: int, plan_version_id: int
) -> None:
    """Accounts ``first`` to ``last`` with one contract each, and their quarter hours."""
    settings = connections["customer"].settings_dict
    names = {
        "first": first,
        "last": last,
        "brand": brand_id,
        "plan": plan_version_id,
        "cycle": CYCLE,
        "places": PLACES,
        "start": START,
    }
    with superuser_connection(settings, dbname=database) as owner:
        # Without the history triggers, as a restore would do it.
        owner.execute("SET session_replication_role = replica")
        owner.execute(_CUSTOMERS.format(**names).encode())
        for point in range(first, last + 1, POINTS_PER_COPY):
            points = np.arange(point, min(point + POINTS_PER_COPY, last + 1))
            with owner.cursor().copy(_COPY_DAYS) as copy:
                for block in _days(points):
                    copy.write(block)
        owner.execute("VACUUM ANALYZE meter.interval_day")


_COPY_DAYS = (
    b"COPY meter.interval_day (meter_point_id, date, direction, revision, became_current, source, "
    b"source_time, received_at, intake_id, line, missing_intervals, estimated_intervals, total_wh, "
    b"peak_wh, register_wh, vee_ruleset_id, vee_failed, digest, wh, quality) "
    b"FROM STDIN (FORMAT BINARY)"
)
_WIDTHS = (4, 4, 2, 2, 1, 2, 8, 8, 8, 8, 2, 2, 8, 4, 8, 4, 4, 16, 4 * INTERVALS, 1)


def _days(points: np.ndarray) -> Iterator[bytes]:
    """COPY rows of all days of some meter points, day after day, as daily files bring them."""
    random = np.random.default_rng(7)
    profiles = random.integers(20, 900, (PROFILES, INTERVALS), dtype=np.int32)
    layout = [("fields", ">i2")]
    for number, width in enumerate(_WIDTHS):
        layout += [(f"length{number}", ">i4"), (f"value{number}", f"V{width}")]
    yield b"PGCOPY\n\xff\r\n\x00" + bytes(8)
    for day in range(DAYS):
        rows = np.zeros(len(points), dtype=np.dtype(layout))
        rows["fields"] = len(_WIDTHS)
        chosen = profiles[(points * 31 + day * 17) % PROFILES]
        date = (START - dt.date(2000, 1, 1)).days + day
        at = (date + 1) * 86_400 * 1_000_000
        values = (
            (points, ">i4"), (date, ">i4"), (0, ">i2"), (1, ">i2"), (1, "i1"), (1, ">i2"),
            (at, ">i8"), (at, ">i8"), (1, ">i8"), (points, ">i8"), (0, ">i2"), (0, ">i2"),
            (chosen.sum(axis=1), ">i8"), (chosen.max(axis=1), ">i4"), (-1, ">i8"), (1, ">i4"),
            (0, ">i4"),
        )  # fmt: skip
        for number, (value, kind) in enumerate(values):
            column = np.broadcast_to(np.asarray(value), points.shape).astype(kind)
            rows[f"value{number}"] = np.ascontiguousarray(column).view(f"V{column.itemsize}")
        rows["value17"] = random.bytes(16)
        rows["value18"] = np.ascontiguousarray(chosen.astype("<i4")).view(f"V{4 * INTERVALS}")[:, 0]
        rows["value19"] = b"A"
        for number, width in enumerate(_WIDTHS):
            rows[f"length{number}"] = width
        yield rows.tobytes()
    yield b"\xff\xff"

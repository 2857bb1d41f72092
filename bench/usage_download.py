"""A year of quarter hours as JSON, CSV and Green Button: from the request to the last byte.

The call goes through the WSGI application with its middleware: token check, the customer's scope,
row-level security, all queries, and building the text. Wall-clock time of this process and the
database server together; the customer context is stood in for, since it is not what is measured.
Run alone: ``python -m bench usage_download``.
"""

from __future__ import annotations

import datetime as dt
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from bench.database import scratch_database
from bench.figures import Figure
from ossrep.infra import services
from ossrep.kernel.market_time import MARKET_ZONE, intervals_in_day
from ossrep.published.customer import CustomerService
from tests.customer_scopes import a_login
from tests.factories.interval_files import ADay, esi_id, lse
from tests.fakes.customer import InMemoryCustomers, a_contract, an_account
from tests.token_issuer import ISSUER, TokenIssuer

START, END = dt.date(2025, 1, 1), dt.date(2026, 1, 1)
PATH = "/api/v1/me/accounts/1/usage"
BARS_MS = {"JSON": (300, 100), "CSV": (300, 100), "Green Button": (1_000, 300)}
CALLS = (
    ("JSON", PATH, "granularity=15min"),
    ("CSV", PATH, "granularity=15min&format=csv"),
    ("Green Button", f"{PATH}/green-button", ""),
)


def run(*, quick: bool = False) -> list[Figure]:
    """The median of some calls after a first one."""
    rounds = 3 if quick else 15
    with scratch_database(), tempfile.TemporaryDirectory() as folder, _signed_in() as token:
        _load(Path(folder))
        return [_figure(name, path, query, token, rounds) for name, path, query in CALLS]


def _figure(name: str, path: str, query: str, token: str, rounds: int) -> Figure:
    query = f"from={START}&to={END}&{query}"
    _call(path, query, token)
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        body = _call(path, query, token)
        times.append((time.perf_counter() - begun) * 1000)
    _check(name, body)
    return Figure(
        name=f"35,040 quarter hours as {name}",
        value=round(statistics.median(times), 1),
        unit="ms",
        bar=BARS_MS[name][0],
        aim=BARS_MS[name][1],
        lower_is_better=True,
        note=f"{rounds} calls, fastest {min(times):.0f} ms, {len(body) / 1e6:.1f} MB",
    )


def _check(name: str, body: bytes) -> None:
    """A fast answer that lacks values is no answer."""
    found = {
        "JSON": body.count(b'"start"'),
        "CSV": body.count(b"\r\n") - 1,
        "Green Button": body.count(b"<espi:IntervalReading>"),
    }
    assert found[name] == 35_040, (name, found[name])


def _call(path: str, query: str, token: str) -> bytes:
    # Made when the settings are final, as the server does.
    from config.wsgi import application

    statuses: list[str] = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.version": (1, 0),
    }

    def start(status: str, headers: Any, exc_info: Any = None, /) -> Any:
        statuses.append(status)
        return lambda _: None

    answer = application(environ, start)
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    if statuses != ["200 OK"]:
        raise RuntimeError(f"{path} answered {statuses}: {body[:300]!r}")
    return body


@contextmanager
def _signed_in() -> Iterator[str]:
    """A customer with one account since before the year, and a token."""
    account = an_account(
        account_id=1,
        contracts=[a_contract(contract_id=1, account_id=1, esi_id=esi_id(1), start_date=START)],
    )
    book = InMemoryCustomers([account])
    book.logins[ISSUER, "bench"] = a_login(account)
    issuer = TokenIssuer()
    settings.OSSREP_ISSUERS = [issuer.entry()]
    settings.OSSREP_CALLS_PER_MINUTE_CLIENT = settings.OSSREP_CALLS_PER_MINUTE_ADDRESS = 0
    try:
        with services.standing_in(CustomerService, book):
            yield issuer.token(sub="bench")
    finally:
        issuer.close()


def _load(folder: Path) -> None:
    """Values of a home, the same each time, by the import that a market's file takes."""
    from ossrep.meter.usecases.import_files import import_files

    days = [START + dt.timedelta(days=n) for n in range((END - START).days)]
    rows = [
        ADay(
            esi_id=esi_id(1),
            date=date,
            wh=[(date.toordinal() * 131 + 37 * i) % 1_400 for i in range(intervals_in_day(date))],
        )
        for date in days
    ]
    (folder / "year.lse").write_bytes(lse(rows))
    import_files(
        paths=[folder / "year.lse"],
        received_at=dt.datetime(2026, 1, 2, tzinfo=MARKET_ZONE),
        workers=1,
        on_progress=lambda _: None,
        on_report=lambda _: None,
        refused_max=0,
    )
    with connections["meter"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM interval_day")
        assert cursor.fetchone() == (len(days),)

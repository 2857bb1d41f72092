"""``GET /api/accounts`` as the portal calls it: 50,000 customers, granian, load on the same cores.

Each customer has one account with a premises, meter, contract and balance. The callers keep their
connections and use tokens of many logins in turn; rates are counted, and never reached.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from django.conf import settings

from bench.database import scratch_database
from bench.figures import BenchCannotRun, Figure
from ossrep.infra.auth.issuers import read_issuers
from ossrep.infra.auth.keys import KeyStore
from ossrep.infra.auth.tokens import TokenVerifier
from ossrep.infra.database import superuser_connection
from tests.token_issuer import ISSUER, TokenIssuer

CUSTOMERS = 50_000
LOGINS_CALLING = 400
CONNECTIONS = 16
WORKERS = 2
THREADS = 2
READY_SECONDS_MAX = 60

_BOOK = """
SET session_replication_role = replica;
INSERT INTO customer.customer (id, number, type, first_name, last_name, business_name)
SELECT n, 'C' || n, 'individual', 'Ann', 'Smith ' || n, '' FROM generate_series(1, {n}) n;
INSERT INTO customer.account (id, number, customer_id, brand_id, customer_class, nickname,
    bill_to_name, mailing_line1, mailing_line2, mailing_city, mailing_state, mailing_zip,
    delivery, email, language)
SELECT n, 'A' || n, n, 1, 'residential', '', '', n || ' Elm St', '', 'Dallas', 'TX', '75201',
    'paper', '', 'en' FROM generate_series(1, {n}) n;
INSERT INTO customer.premises (id, number, esi_id, tdsp_code, read_cycle, rate_class,
    service_line1, service_line2, service_city, service_state, service_zip, county, tax_place)
SELECT n, 'P' || n, '1044372' || lpad(n::text, 10, '0'), 'ONCOR_ELEC', '07', 'residential',
    n || ' Elm St', '', 'Dallas', 'TX', '75201', 'Dallas', 'DALLAS' FROM generate_series(1, {n}) n;
INSERT INTO customer.meter (id, premises_id, number, installed_date)
SELECT n, n, 'M' || n, '2020-01-01' FROM generate_series(1, {n}) n;
INSERT INTO customer.contract (id, number, account_id, premises_id, plan_version_id, status,
    start_date, term_end_date, end_reason)
SELECT n, 'K' || n, n, n, 1, 'active', '2026-01-01', '2027-01-01', ''
FROM generate_series(1, {n}) n;
INSERT INTO customer.login (issuer, subject, customer_id, rights, has_all_accounts, email)
SELECT '{issuer}', 'subject-' || n, n, '{{view,pay,contracts,manage}}', true, ''
FROM generate_series(1, {n}) n;
INSERT INTO billing.ledger_account (id, account_id, kind, code)
SELECT n, n, 'receivable', '' FROM generate_series(1, {n}) n;
INSERT INTO billing.ledger_balance (ledger_account_id, shard, debit_usd, credit_usd)
SELECT n, 0, 100, 18.80 FROM generate_series(1, {n}) n;
"""


def run(*, quick: bool) -> list[Figure]:
    """The bench."""
    customers, seconds = (2_000, 3.0) if quick else (CUSTOMERS, 15.0)
    issuer = TokenIssuer()
    try:
        with scratch_database() as name:
            _fill(name, customers)
            with _server(issuer, name) as port:
                chosen = random.Random(7).sample(range(1, customers + 1), LOGINS_CALLING)
                tokens = [issuer.token(sub=f"subject-{n}", jti=f"t-{n}") for n in chosen]
                asyncio.run(_load(port, tokens, seconds=3.0))
                taken = asyncio.run(_load(port, tokens, seconds=seconds))
        check_ms = _cached_check_ms(issuer)
    finally:
        issuer.close()
    note = (
        f"{customers:,} customers, {len(tokens)} logins, {CONNECTIONS} connections, granian "
        f"{WORKERS}x{THREADS}; median {np.percentile(taken, 50) * 1000:.0f} ms"
    )
    return [
        Figure(
            name="GET /api/accounts",
            value=len(taken) / seconds,
            unit="req/s",
            bar=400,
            aim=1_200,
            note=note,
        ),
        Figure(
            name="GET /api/accounts p99",
            value=float(np.percentile(taken, 99)) * 1000,
            unit="ms",
            bar=100,
            lower_is_better=True,
            note=note,
        ),
        Figure(
            name="token check, cached",
            value=check_ms,
            unit="ms",
            bar=0.2,
            aim=0.05,
            lower_is_better=True,
            note="one process, one thread",
        ),
    ]


def _fill(name: str, customers: int) -> None:
    entry = settings.DATABASES["default"]
    with superuser_connection(entry, dbname=name) as server:
        server.execute(_BOOK.format(n=customers, issuer=ISSUER))
        server.execute("ANALYZE")


@contextmanager
def _server(issuer: TokenIssuer, name: str) -> Iterator[int]:
    """The external surface, as ``manage.py serve`` runs it; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ,
        "OSSREP_DATABASE_NAME": name,
        "OSSREP_SURFACE": "external",
        "OSSREP_ISSUERS": json.dumps([issuer.entry()]),
        "OSSREP_CALLS_PER_MINUTE_ADDRESS": "100000000",
        "OSSREP_CALLS_PER_MINUTE_CLIENT": "100000000",
    }
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", settings.WSGI_TARGET]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", str(WORKERS)]
    command += ["--blocking-threads", str(THREADS), "--log-level", "warning", "--no-ws"]
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise BenchCannotRun("the web server did not start")


async def _load(port: int, tokens: Sequence[str], *, seconds: float) -> list[float]:
    """Seconds of each call; every answer must be 200 with one account."""
    until = time.perf_counter() + seconds
    callers = [_caller(port, tokens[n::CONNECTIONS], until) for n in range(CONNECTIONS)]
    return [taken for one in await asyncio.gather(*callers) for taken in one]


async def _caller(port: int, tokens: Sequence[str], until: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    requests = [
        f"GET /api/accounts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
        for token in tokens
    ]
    found: list[float] = []
    while (started := time.perf_counter()) < until:
        writer.write(requests[len(found) % len(requests)].encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200") or body.count(b'"accountId"') != 1:
            raise BenchCannotRun(f"a wrong answer: {head[:15]!r} {body[:200]!r}")
        found.append(time.perf_counter() - started)
    writer.close()
    return found


def _cached_check_ms(issuer: TokenIssuer) -> float:
    entries: list[dict[str, Any]] = [issuer.entry()]
    verifier = TokenVerifier(
        issuers=read_issuers(entries), keys=KeyStore(), is_revoked=lambda principal: False
    )
    tokens = [issuer.token(sub=f"subject-{n}") for n in range(100)]
    for token in tokens:
        verifier.verify(token)
    rounds = 100
    started = time.perf_counter()
    for _ in range(rounds):
        for token in tokens:
            verifier.verify(token)
    return (time.perf_counter() - started) / (rounds * len(tokens)) * 1000

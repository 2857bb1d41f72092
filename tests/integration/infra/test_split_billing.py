"""Billing as a process of its own: the same bills as in one house, and its events arrive."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from deploy.kafka import KafkaNode
from ossrep.demo.folder import DemoFolder
from ossrep.demo.parameters import DemoParameters
from ossrep.demo.playing import Demo
from ossrep.infra import database
from ossrep.infra.invariants import assert_invariants
from ossrep.infra.oidc.clients import register_service
from tests.integration.billing.fingerprint import fingerprint

pytestmark = [pytest.mark.kafka, pytest.mark.split, pytest.mark.long]
ROOT = Path(__file__).resolve().parents[3]
OTHERS = ("customer", "product", "meter", "market")
START_SECONDS_MAX = 180
DEMO = DemoParameters(accounts=200, months=1)
AS_OF = DEMO.schedule.as_of.isoformat()
LOGIN = "ossrep_test_biller"


class Quiet:
    """The demo's steps without a screen."""

    def begin(self, *, title: str) -> None:
        pass

    def progress(self, *, done: int, total: int | None) -> None:
        pass

    def end(self, *, title: str, note: str, seconds: float) -> None:
        pass


def _server() -> Any:
    entry = connections["default"].settings_dict
    return database.superuser_connection(entry, dbname="postgres")


def _drop(name: str) -> None:
    with _server() as server:
        server.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _point_at(name: str, *aliases: str) -> None:
    for alias in aliases:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


@pytest.fixture
def secret(fresh_database: str, tmp_path: Path) -> str:
    """The fresh database with a whole book, its usage and a client for billing."""
    Demo(folder=DemoFolder(path=tmp_path / "demo"), parameters=DEMO, screen=Quiet()).load()
    return register_service(client_id="billing", name="Billing").secret


@pytest.fixture
def rest(secret: str, fresh_database: str, kafka_node: KafkaNode) -> Iterator[Mapping[str, str]]:
    """A process with all contexts but billing on a copy of the data; how billing reaches it."""
    name = f"{fresh_database}_rest"
    for alias in database.ALIASES:
        connections[alias].close()
    _drop(name)
    with _server() as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(fresh_database)
            )
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [
            *(sys.executable, "manage.py", "serve", "--no-migrate"),
            *("--workers", "1", "--port", str(port)),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "OSSREP_DATABASE_NAME": name,
            "OSSREP_CONTEXTS": ",".join(OTHERS),
            "OSSREP_SERVICES": json.dumps({"billing": "http://127.0.0.1:9"}),
            "OSSREP_KAFKA_BOOTSTRAP": kafka_node.bootstrap,
            "OSSREP_OIDC_ISSUER": f"{address}/oidc",
        },
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(lambda: _answers(address))
        yield {"name": name, "address": address}
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        _drop(name)


def _answers(address: str) -> bool:
    try:
        return httpx.post(f"{address}/api/v1/services/customer/x").status_code == 401
    except httpx.TransportError:
        return False


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while not condition():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.1)


@pytest.fixture
def bills(rest: Mapping[str, str], fresh_database: str) -> Iterator[str]:
    """The name of billing's own database, and a login for it that may do nothing else."""
    name = f"{fresh_database}_bills"
    _drop(name)
    with _server() as server:
        found = server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [LOGIN]).fetchone()
        if not found:
            server.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(LOGIN)))
        server.execute(sql.SQL("GRANT billing TO {}").format(sql.Identifier(LOGIN)))
    yield name
    _drop(name)


def _bill_alone(
    *, bills: str, rest: Mapping[str, str], secret: str, bootstrap: str, folder: Path
) -> str:
    """Billing's process: its schema, its own files, its run, its events; what it printed."""
    host = settings.DATABASES["default"]["HOST"]
    issuer = f"{rest['address']}/oidc"
    environment = {
        **os.environ,
        "OSSREP_CONTEXTS": "billing",
        "OSSREP_DATABASE_NAME": bills,
        "OSSREP_SERVICES": json.dumps(dict.fromkeys(OTHERS, rest["address"])),
        "OSSREP_SERVICE_TOKEN_URL": f"{issuer}/token",
        "OSSREP_SERVICE_CLIENT_ID": "billing",
        "OSSREP_SERVICE_CLIENT_SECRET": secret,
        "OSSREP_KAFKA_BOOTSTRAP": bootstrap,
        "OSSREP_OIDC_ISSUER": "",
    }
    own_login = {"OSSREP_DATABASE_URL_BILLING": f"postgresql://{LOGIN}@/{bills}?host={host}"}
    _run_commands([["migrate", "--verbosity", "0"]], environment)
    payments = sorted(map(str, (folder / "payments").glob("*.csv")))
    commands = [
        ["bill", "import-taxes", str(folder / "taxes.yaml")],
        ["bill", "import-opening", str(folder / "opening.jsonl"), "--json"],
        ["bill", "import-payments", *payments, "--json"],
        ["bill", "run", "--as-of", AS_OF, "--workers", "2", "--json"],
        ["relay", "--until-empty", "--timeout", "60"],
        ["verify"],
    ]
    return _run_commands(commands, {**environment, **own_login})


def _run_commands(commands: list[list[str]], environment: Mapping[str, str]) -> str:
    program = (
        "import json, sys, django; django.setup()\n"
        "from django.core.management import call_command\n"
        "for command in json.loads(sys.argv[1]): call_command(*command)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(commands)],
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def _aggregates_heard() -> set[str]:
    with connections["market"].cursor() as cursor:
        cursor.execute(
            "SELECT aggregate_id FROM inbox_stream WHERE consumer = 'market' "
            "AND aggregate_type = 'account'"
        )
        return {row[0] for row in cursor.fetchall()}


def _differing(here: list[Any], there: list[Any]) -> list[Any]:
    """Values that differ, of the first rows that do."""
    assert len(here) == len(there)
    pairs = [pair for pair in zip(here, there, strict=True) if pair[0] != pair[1]][:3]
    return [[(a, b) for a, b in zip(*pair, strict=True) if a != b] for pair in pairs]


class TestBillingAlone:
    def test_makes_the_same_bills_and_is_heard(
        self,
        secret: str,
        rest: Mapping[str, str],
        bills: str,
        fresh_database: str,
        kafka_node: KafkaNode,
        tmp_path: Path,
    ) -> None:
        call_command("bill", "run", "--as-of", AS_OF, "--workers", "1", "--json")
        of_one_house = fingerprint()

        _bill_alone(
            bills=bills,
            rest=rest,
            secret=secret,
            bootstrap=kafka_node.bootstrap,
            folder=tmp_path / "demo",
        )

        _point_at(bills, "billing")
        of_two = fingerprint()
        assert_invariants(contexts=["billing"])
        assert len(of_one_house["invoices"]) > 150
        for table, rows in of_one_house.items():
            assert _differing(of_two[table], rows) == [], table
        told = {row[1] for row in of_two["events"] if row[0] == "account"}
        _point_at(rest["name"], "market")
        _wait_for(lambda: told <= _aggregates_heard())
        _point_at(fresh_database, "billing", "market")

"""Two processes, each with a database of its own: access that ends in one ends in the other."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings

from deploy.local_server import free_port
from ossrep.infra.oidc.clients import register_service
from tests.conftest import copy_database, drop_database

pytestmark = [pytest.mark.split, pytest.mark.long]
ROOT = Path(__file__).resolve().parents[3]
OTHERS = ("customer", "product", "meter", "market")
START_SECONDS_MAX = 180
LATEST_S = 5.0
NO_KAFKA = "127.0.0.1:9"  # Nothing is told in this test.


@contextlib.contextmanager
def web(port: int, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that answers on the port."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", settings.WSGI_TARGET]
    command += ["--port", str(port), "--blocking-threads", "2", "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not _answers(port):
            assert time.monotonic() < deadline, "it does not come"
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/api/v1/ended-access").status_code == 401
    except httpx.TransportError:
        return False


def _token(issuer: str, client: tuple[str, str]) -> str:
    answer = httpx.post(
        f"{issuer}/token", data={"grant_type": "client_credentials"}, auth=client, timeout=30
    )
    return str(answer.raise_for_status().json()["access_token"])


def _balances(billing: str, token: str) -> Any:
    return httpx.post(
        f"{billing}/api/v1/services/billing/get_balances",
        json={"accountIds": [1]},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )


class TestAccessThatEnds:
    def test_in_the_process_with_the_provider_ends_in_another(self, fresh_database: str) -> None:
        own = {
            name: (name, register_service(client_id=name, name=name).secret)
            for name in ("billing", "watcher")
        }
        bills = f"{fresh_database}_bills"
        copy_database(fresh_database, bills)
        core_port, billing_port = free_port(), free_port()
        core, billing = (f"http://127.0.0.1:{port}" for port in (core_port, billing_port))
        issuer = f"{core}/oidc"
        of_core = {
            "OSSREP_CONTEXTS": ",".join(OTHERS),
            "OSSREP_SERVICES": json.dumps({"billing": billing}),
            "OSSREP_KAFKA_BOOTSTRAP": NO_KAFKA,
            "OSSREP_OIDC_ISSUER": issuer,
        }
        of_billing = {
            "OSSREP_CONTEXTS": "billing",
            "OSSREP_DATABASE_NAME": bills,
            "OSSREP_SERVICES": json.dumps(dict.fromkeys(OTHERS, core)),
            "OSSREP_SERVICE_TOKEN_URL": f"{issuer}/token",
            "OSSREP_SERVICE_CLIENT_ID": "billing",
            "OSSREP_SERVICE_CLIENT_SECRET": own["billing"][1],
            "OSSREP_KAFKA_BOOTSTRAP": NO_KAFKA,
            "OSSREP_OIDC_ISSUER": "",
            "OSSREP_ISSUERS": json.dumps(
                [
                    {
                        "issuer": issuer,
                        "audience": "ossrep-api",
                        "jwks_url": f"{issuer}/jwks",
                        "roles": ["service"],
                    }
                ]
            ),
        }
        try:
            with web(core_port, of_core) as first, web(billing_port, of_billing):
                ended, other = (_token(issuer, own[name]) for name in ("watcher", "billing"))
                for token in (ended, other):
                    assert _balances(billing, token).status_code == 200

                httpx.post(
                    f"{issuer}/revoke", data={"token": ended}, auth=own["watcher"], timeout=30
                ).raise_for_status()
                started = time.monotonic()
                while (answer := _balances(billing, ended)).status_code == 200:
                    assert time.monotonic() - started < LATEST_S
                    time.sleep(0.1)
                assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
                assert _balances(billing, other).status_code == 200

                first.terminate()
                first.wait(timeout=60)
                started = time.monotonic()
                while (answer := _balances(billing, other)).status_code == 200:
                    assert time.monotonic() - started < LATEST_S
                    time.sleep(0.1)
                assert answer.json()["code"] == "ended_access_unknown"
        finally:
            drop_database(bills)

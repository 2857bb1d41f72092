"""Pages of both surfaces under their policy, limits of calls, and settings of production."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from config import urls_external, urls_internal
from tests.architecture.test_role_matrix import routes
from tests.attacks.operations import Attack, operations
from tests.attacks.test_every_endpoint import is_api
from tests.attacks.world import World

pytestmark = pytest.mark.xdist_group("attacks")
_PARAMETER = re.compile(r"<[^>]*>")


def pages() -> Iterator[str]:
    """Addresses of everything that is no API call."""
    for where, pattern in routes([*urls_external.urlpatterns, *urls_internal.urlpatterns]):
        if not is_api(pattern):
            yield f"/{_PARAMETER.sub('x', where).strip('^$')}"
    yield from ("/admin/", "/admin/login/", "/no/such/page", "/admin/no/such/page")


class TestPages:
    def test_let_nothing_inline_run(self, world: World) -> None:
        client = Client(raise_request_exception=False)
        findings: list[str] = []
        seen = 0
        for address in pages():
            for method in ("GET", "POST"):
                answer = client.generic(method, address)
                policy = answer.get("Content-Security-Policy", "")
                seen += answer.get("Content-Type", "").startswith("text/html")
                if answer.status_code >= 500 or not policy or "unsafe" in policy:
                    findings.append(f"{method} {address}: {answer.status_code} {policy!r}")
        assert findings == []
        assert seen >= 20


class TestLimits:
    def test_hold_at_every_external_call(self, world: World, settings: Any) -> None:
        attack = Attack(world)
        settings.OSSREP_CALLS_PER_MINUTE_ADDRESS = 1
        refused = 0
        for operation in operations():
            if operation.surface != "external":
                continue
            answers = [attack.call(operation) for _ in range(2)]
            assert answers[-1].status_code == 429, operation.label
            assert 1 <= int(answers[-1]["Retry-After"]) <= 60
            assert answers[-1].json()["code"] == "throttled"
            refused += 1
        assert refused >= 40


class TestProduction:
    @pytest.mark.long  # make check asks the same.
    def test_has_no_warning(self) -> None:
        done = subprocess.run(
            [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
            cwd=django_settings.BASE_DIR,
            env={
                **os.environ,
                "OSSREP_HTTPS": "true",
                "OSSREP_DEBUG": "false",
                "OSSREP_EMAIL_URL": "smtp://localhost:25",
            },
            capture_output=True,
            text=True,
            check=False,
        )

        assert (done.returncode, done.stderr) == (0, "")

"""One database for each test process, with the six schemas; and real commits where they matter."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from fasteners import InterProcessLock
from psycopg import sql

from deploy import keycloak as keycloak_server
from deploy.kafka import KafkaNode, KafkaUnavailable, fetch
from ossrep.infra import database
from ossrep.infra.auth import issuers, revocation, tokens
from tests.customer_login import PortalUser, a_portal_user
from tests.redis_server import RedisServer, RedisUnavailable
from tests.services import missing_service
from tests.token_issuer import TokenIssuer


def _worker_database() -> str:
    return f"test_ossrep_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


def _point_all_aliases_at(name: str) -> None:
    for alias in database.ALIASES:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        settings.DATABASES[alias]["NAME"] = name


def drop_database(name: str) -> None:
    entry = connections["default"].settings_dict
    with database.superuser_connection(entry, dbname="postgres") as server:
        server.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _pristine(name: str) -> str:
    """A copy that no test has touched: rolled-back tests leave their sequences advanced."""
    return f"{name}_pristine"


def copy_database(source: str, target: str) -> None:
    for alias in database.ALIASES:
        connections[alias].close()
    drop_database(target)
    entry = connections["default"].settings_dict
    with database.superuser_connection(entry, dbname="postgres") as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(target), sql.Identifier(source)
            )
        )


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Creates, migrates and at the end drops this process's own test database."""
    name = _worker_database()
    with django_db_blocker.unblock():
        # Roles and the start of the server belong to all processes: one sets up after the other.
        with InterProcessLock(settings.VAR_DIR / "test-setup.lock"):
            database.ensure_ready(settings.DATABASES, var_dir=settings.VAR_DIR)
            before = settings.DATABASES["default"]["NAME"]
            drop_database(name)
            _point_all_aliases_at(name)
            call_command("migrate", verbosity=0)
            copy_database(name, _pristine(name))
        yield
        _point_all_aliases_at(before)
        drop_database(name)
        drop_database(_pristine(name))


@contextlib.contextmanager
def own_database(suffix: str, *, source: str = "") -> Iterator[str]:
    """A copy of ``source`` (empty: the migrated database), which all aliases point at."""
    template = _worker_database()
    name = f"{template}_{suffix}"
    copy_database(source or _pristine(template), name)
    _point_all_aliases_at(name)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OSSREP_DATABASE_NAME", name)
        if url := os.environ.get("OSSREP_DATABASE_URL"):
            environment.setenv("OSSREP_DATABASE_URL", urlsplit(url)._replace(path=name).geturl())
        yield name
    _point_all_aliases_at(template)
    drop_database(name)


@pytest.fixture
def fresh_database(
    django_db_setup: None, django_db_blocker: Any, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A database of the test's own, copied from the migrated one; commits are real.

    For COPY paths, worker processes, kills and several connections. Its name is given, so that
    a child process finds it by ``OSSREP_DATABASE_NAME``.
    """
    with django_db_blocker.unblock(), own_database("fresh") as name:
        yield name


@pytest.fixture(scope="module")
def module_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """As ``fresh_database``, for all tests of a module; none of them may use another."""
    with django_db_blocker.unblock(), own_database("module") as name:
        yield name


@pytest.fixture(scope="session")
def kafka_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaNode]:
    """A real single-node Apache Kafka of this session."""
    try:
        jars = fetch(home=Path(settings.VAR_DIR) / "kafka")
        node = KafkaNode(jars=jars, folder=tmp_path_factory.mktemp("kafka"))
        node.start()
    except KafkaUnavailable as reason:
        missing_service(f"Apache Kafka: {reason}")
    yield node
    node.stop()


@pytest.fixture(scope="session")
def keycloak_node(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[keycloak_server.KeycloakNode]:
    """A real Keycloak of this session, with the realm of ``deploy/keycloak``."""
    try:
        node = keycloak_server.KeycloakNode(
            dist=keycloak_server.fetch(home=Path(settings.VAR_DIR) / "keycloak"),
            folder=tmp_path_factory.mktemp("keycloak"),
            administrator_password=secrets.token_urlsafe(24),
            settings=keycloak_server.RealmSettings(),
        )
        node.start()
    except keycloak_server.KeycloakUnavailable as reason:
        missing_service(f"Keycloak: {reason}")
    yield node
    node.stop()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis server of this session, as ``redis://host:port/0``."""
    try:
        server = RedisServer(folder=tmp_path_factory.mktemp("redis"))
        server.start()
    except RedisUnavailable as reason:
        missing_service(f"Redis: {reason}")
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def running_issuer() -> Iterator[TokenIssuer]:
    """One issuer with keys and their address, for the whole session."""
    issuer = TokenIssuer()
    yield issuer
    issuer.close()


@pytest.fixture
def token_issuer(running_issuer: TokenIssuer, settings: Any) -> Iterator[TokenIssuer]:
    """The issuer whose tokens the API takes during this test."""
    settings.OSSREP_ISSUERS = [running_issuer.entry()]
    caches = (issuers.configured_issuers, tokens.verifier, revocation.revoked)
    for cache in caches:
        cache.cache_clear()
    yield running_issuer
    for cache in caches:
        cache.cache_clear()


@pytest.fixture
def customer_login(token_issuer: TokenIssuer) -> PortalUser:
    """A customer with two accounts, each with premises and contract, and a token for them."""
    return a_portal_user(token_issuer, subject="ann")


@pytest.fixture
def other_login(token_issuer: TokenIssuer) -> PortalUser:
    """Another such customer, whose records the first must never see."""
    return a_portal_user(token_issuer, subject="bob")


# First: the worker's own plugin reads the groups in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests on one Kafka or Keycloak run in one process, so that only one is started."""
    for item in items:
        for name in ("kafka", "keycloak"):
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.xdist_group(name))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Groups that are not kept together would start a server, or make a world, in each process."""
    if not session.config.getoption("loadgroup", False):
        return
    for item in session.items:
        if item.get_closest_marker("xdist_group") and "@" not in item.nodeid:
            raise pytest.UsageError(
                "pytest-xdist keeps no group of tests together: install the locked requirements"
            )


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of original market files; tests on them are skipped where it is not set."""
    if not settings.OSSREP_SAMPLES:
        pytest.skip("OSSREP_SAMPLES is not set: no original market files here")
    return Path(settings.OSSREP_SAMPLES)

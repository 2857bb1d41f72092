"""``manage.py serve``: the whole product on one machine."""

from __future__ import annotations

import socket
import sys
from contextlib import closing
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser
from django.db import connections

from ossrep.infra import embedded
from ossrep.infra.commands import OssrepCommand
from ossrep.infra.first_user import SignIn, first_sign_in
from ossrep.infra.inbox import find_consumers
from ossrep.infra.supervisor import Program, Supervisor
from ossrep.kernel.errors import DomainError


class PortTaken(DomainError):
    """Something else listens where the web server should."""

    code = "port_taken"


class Command(OssrepCommand):
    """Migrates, lets the first user in, then runs web and relay under a supervisor."""

    help = (
        "Prepares the database, makes a first superuser where none exists (its one-time password "
        "is printed, and a new one at each start until it is changed), and runs the web server "
        "and the relay; with Kafka the consumers too, with a broker the workers too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=2, help="web server processes")
        parser.add_argument("--no-migrate", action="store_true", help="the database is prepared")
        parser.add_argument(
            "--stop-database",
            action="store_true",
            help="stop the embedded server at the end (as a container must)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        _check_port(options["host"], options["port"])
        try:
            if not options["no_migrate"]:
                call_command("migrate", stdout=self.stdout)
            self._welcome(options["host"], options["port"], first_sign_in())
            programs = _programs(options)
            for alias in connections:
                connections[alias].close()
            Supervisor(programs, tell=self._tell).run()
        finally:
            if options["stop_database"]:
                embedded.stop(var_dir=settings.VAR_DIR)

    def _tell(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _welcome(self, host: str, port: int, sign_in: SignIn | None) -> None:
        shown = "localhost" if host in ("127.0.0.1", "0.0.0.0") else host  # noqa: S104
        lines = [f"The operators' admin: http://{shown}:{port}/admin/"]
        if sign_in is not None:
            lines += [
                f"    user:     {sign_in.username}",
                f"    password: {sign_in.password}",
                "This password is in force until you change it (top right) or start again.",
            ]
        lines.append(f"The API, call by call:  http://{shown}:{port}/docs/")
        if settings.OSSREP_OIDC_ISSUER:
            lines.append(f"Customers' sign-in:     {settings.OSSREP_OIDC_ISSUER}/")
        self._tell("\n".join(["", *lines, ""]))


def _programs(options: dict[str, Any]) -> list[Program]:
    manage = [sys.executable, sys.argv[0]]
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", settings.WSGI_TARGET]
    web += ["--host", options["host"], "--port", str(options["port"])]
    web += ["--workers", str(options["workers"]), "--blocking-threads", "4"]
    web += ["--working-dir", str(settings.BASE_DIR), "--log-level", "warning", "--no-ws"]
    programs = [Program("web", web), Program("relay", [*manage, "relay"])]
    if settings.OSSREP_KAFKA_BOOTSTRAP and find_consumers():
        programs.append(Program("consumers", [*manage, "consume"]))
    if settings.CELERY_BROKER_URL:
        worker = [sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel", "WARNING"]
        programs.append(Program("worker", worker))
    return programs


def _check_port(host: str, port: int) -> None:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"cannot listen: {error.strerror}; choose another with --port",
                where=f"{host}:{port}",
            ) from error

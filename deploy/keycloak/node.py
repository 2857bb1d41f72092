"""Fetches Keycloak with Maven, prepares it once, and runs it on a free loopback port."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.local_server import LocalServer, ServerUnavailable, free_port
from deploy.maven import made_once, need, run_maven

KeycloakUnavailable = ServerUnavailable

VERSION = "26.4.5"
ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
SHA256 = "72f73642a2c36de797d51b4b2b342d4a49f6e5832af10aa470cd123627bd80b3"
REALM_FILE = Path(__file__).with_name("ossrep-realm.json")
REALM = "ossrep"
AUDIENCE = "ossrep-api"
ADMINISTRATOR = "keycloak-administrator"
BUILD_TIMEOUT_S = 300
START_TIMEOUT_S = 400
# Written by the preparation below; a change of it prepares anew.
_BUILD_OPTIONS = ["--db=dev-file", "--health-enabled=false", "--metrics-enabled=false"]
_JVM = [
    *("-Xms64m", "-Xmx512m", "-XX:MaxMetaspaceSize=256m"),
    # It lives for minutes on a small machine: quick code counts less than a quick start.
    *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
    *("-Djava.security.egd=file:/dev/urandom", "-Dfile.encoding=UTF-8"),
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
    "-Djava.util.concurrent.ForkJoinPool.common.threadFactory="
    "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-opens=java.base/java.security=ALL-UNNAMED",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmSettings:
    """What the realm file leaves open; the defaults are for a developer's machine only."""

    portal_url: str = "http://localhost:4200"
    admin_url: str = "http://localhost:8000"
    api_url: str = "http://localhost:8000"
    staff_secret: str = "development-only"  # noqa: S105
    service_secret: str = "development-only"  # noqa: S105
    user_password: str = "development-only"  # noqa: S105

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> RealmSettings:
        """Each field from its variable ``OSSREP_KEYCLOAK_<FIELD>``, where that is set."""
        given = {name: environment.get(_variable(name)) for name in cls.__slots__}
        return cls(**{name: text for name, text in given.items() if text})

    def variables(self) -> dict[str, str]:
        """As the realm file names them."""
        return {_variable(name): getattr(self, name) for name in self.__slots__}


def _variable(field: str) -> str:
    return f"OSSREP_KEYCLOAK_{field.upper()}"


def fetch(*, home: Path) -> Path:
    """The folder of a prepared Keycloak below ``home``: fetched, checked and built on first use.

    The preparation takes half a minute of two cores; every start saves it.
    """
    need("java")
    folder = home / f"keycloak-{VERSION}"
    stamp = f"{SHA256} {' '.join(_BUILD_OPTIONS)}"
    with made_once(folder=folder, stamp=stamp) as is_missing:
        if is_missing:
            home.mkdir(parents=True, exist_ok=True)
            options = [f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={home}"]
            run_maven(["dependency:copy", *options], what="Keycloak")
            _unpack(home / f"keycloak-quarkus-dist-{VERSION}.zip", home)
            _build(folder)
    return folder


def _unpack(archive: Path, home: Path) -> None:
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        raise KeycloakUnavailable(f"{archive.name} has sha256 {found}, not {SHA256}")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(home)
    archive.unlink()


def _build(folder: Path) -> None:
    result = subprocess.run(
        _java(dist=folder, home=folder, arguments=["build", *_BUILD_OPTIONS]),
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT_S,
        check=False,
    )
    if result.returncode:
        told = (result.stdout + result.stderr)[-2000:]
        raise KeycloakUnavailable(f"Keycloak cannot be prepared: {told}")


def _java(*, dist: Path, home: Path, arguments: list[str]) -> list[str]:
    places = [f"-Dkc.home.dir={home}", f"-Djboss.server.config.dir={home / 'conf'}"]
    program = ["-cp", str(dist / "lib/quarkus-run.jar")]
    entry = "io.quarkus.bootstrap.runner.QuarkusEntryPoint"
    return ["java", *_JVM, *places, *program, entry, *arguments]


class KeycloakNode(LocalServer):
    """One Keycloak; its database and log lie in a folder of its own."""

    log_name = "keycloak.log"

    def __init__(
        self,
        *,
        dist: Path,
        folder: Path,
        administrator_password: str,
        settings: RealmSettings,
        port: int | None = None,
    ) -> None:
        super().__init__(folder=folder)
        self.port = port or free_port()
        self.settings = settings
        self.administrator_password = administrator_password
        self._dist = dist

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://localhost:{self.port}"

    @property
    def issuer(self) -> str:
        """The ``iss`` of the realm's tokens."""
        return f"{self.url}/realms/{REALM}"

    def entry(self) -> dict[str, object]:
        """Its entry in OSSREP_ISSUERS."""
        return {
            "issuer": self.issuer,
            "audience": AUDIENCE,
            "jwks_url": f"{self.issuer}/protocol/openid-connect/certs",
            "payload_type": "Bearer",
            "logout_audiences": ["ossrep-customer-portal", "ossrep-admin"],
            "roles": ["customer", "csr", "billing", "market", "product", "admin", "service"],
            "rights": {
                "centerpoint-service-point-admin": "service-point:admin",
                "centerpoint-service-point-user": "service-point:user",
            },
        }

    def start(self) -> None:
        """Starts it, with the realm on first use, and waits until the realm answers."""
        self._lay_out()
        options = ["--http-enabled=true", "--http-host=127.0.0.1", f"--http-port={self.port}"]
        options += [f"--hostname={self.url}", "--cache=local", "--import-realm"]
        command = _java(
            dist=self._dist, home=self.folder, arguments=["start", "--optimized", *options]
        )
        process = self._run(
            command,
            environment={
                **os.environ,
                **self.settings.variables(),
                "KC_BOOTSTRAP_ADMIN_USERNAME": ADMINISTRATOR,
                "KC_BOOTSTRAP_ADMIN_PASSWORD": self.administrator_password,
            },
        )
        self._wait_until_it_answers(process)

    def _lay_out(self) -> None:
        """A home with own data; the program itself is the prepared one."""
        (self.folder / "data/import").mkdir(parents=True, exist_ok=True)
        shutil.copytree(self._dist / "conf", self.folder / "conf", dirs_exist_ok=True)
        for name in ("lib", "providers", "themes"):
            link = self.folder / name
            link.unlink(missing_ok=True)
            link.symlink_to((self._dist / name).resolve())
        shutil.copy(REALM_FILE, self.folder / "data/import")

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        address = f"{self.issuer}/.well-known/openid-configuration"
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise KeycloakUnavailable(f"Keycloak ended: {self.log_path.read_text()[-2000:]}")
            try:
                if httpx.get(address, timeout=5).status_code == httpx.codes.OK:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.3)
        self.kill()
        raise KeycloakUnavailable(f"Keycloak does not answer: {self.log_path.read_text()[-2000:]}")

"""``make keycloak``: fetches and runs Keycloak with OSSREP's realm until it is interrupted."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import sys
import time
from pathlib import Path

from deploy.keycloak.node import (
    ADMINISTRATOR,
    KeycloakNode,
    KeycloakUnavailable,
    RealmSettings,
    fetch,
)

HOME = Path(__file__).resolve().parents[2] / "var" / "keycloak"
PID_FILE = HOME / "node.pid"
STOP_TIMEOUT_S = 20


def main(argv: list[str]) -> int:
    """Status 1 with the reason when it cannot run."""
    parser = argparse.ArgumentParser(prog="python -m deploy.keycloak")
    parser.add_argument("action", nargs="?", choices=["run", "fetch", "stop"], default="run")
    parser.add_argument("--port", type=int, help="default: a free one")
    options = parser.parse_args(argv)
    if options.action == "stop":
        return _stop()
    try:
        started = time.monotonic()
        dist = fetch(home=HOME)
        if options.action == "fetch":
            print(f"Keycloak lies in {dist} ({time.monotonic() - started:.0f} s)")
            return 0
        node = KeycloakNode(
            dist=dist,
            folder=HOME / "node",
            administrator_password=_administrator_password(),
            settings=RealmSettings.from_environment(os.environ),
            port=options.port,
        )
        node.start()
    except KeycloakUnavailable as reason:
        print(f"Keycloak cannot run: {reason}", file=sys.stderr)
        return 1
    print(f"Keycloak answers after {time.monotonic() - started:.0f} s; log: {node.log_path}")
    return _serve(node)


def _serve(node: KeycloakNode) -> int:
    print(
        f"Console: {node.url}/admin/ ({ADMINISTRATOR}, password in {_password_file()})\n"
        f"Issuer:  {node.issuer}\n"
        "Users:   ana (customer), casey (csr), bill (billing), mark (market), pru (product), "
        "adele (admin)\n"
        f"\nexport OSSREP_ISSUERS='{json.dumps([node.entry()])}'\n"
        f"export OSSREP_STAFF_ISSUER='{node.issuer}'\n"
        f"export OSSREP_STAFF_CLIENT_SECRET='{node.settings.staff_secret}'\n"
        "\nCtrl-C stops it, and so does: python -m deploy.keycloak stop",
        flush=True,
    )
    PID_FILE.write_text(str(os.getpid()))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        return node.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        PID_FILE.unlink(missing_ok=True)
        node.stop()


def _stop() -> int:
    """Ends the one that runs, and waits for its end."""
    try:
        pid = int(PID_FILE.read_text())
        os.kill(pid, signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError):
        print("Keycloak does not run")
        return 0
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while PID_FILE.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    return int(PID_FILE.exists())


def _password_file() -> Path:
    return HOME / "administrator_password"


def _administrator_password() -> str:
    """Drawn once: Keycloak keeps it from its first start on."""
    path = _password_file()
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

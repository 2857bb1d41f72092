"""A real OpenSSH server for the tests, in a folder of its own on a free port."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path

SECONDS_TO_START = 15


class SshUnavailable(Exception):
    """OpenSSH's server is not installed, or did not start."""


class SshServer:
    """One sshd that knows one key and offers SFTP only."""

    def __init__(self, *, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.user = pwd.getpwuid(os.getuid()).pw_name
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def key_file(self) -> Path:
        """The client's private key."""
        return self.folder / "client_key"

    @property
    def host_key_file(self) -> Path:
        """The server's public key as known_hosts has it."""
        return self.folder / "known_hosts"

    def start(self) -> None:
        """Makes keys and configuration, starts and waits until it listens."""
        sshd = shutil.which("sshd") or "/usr/sbin/sshd"
        if not Path(sshd).exists() or not shutil.which("ssh-keygen"):
            raise SshUnavailable("sshd is not installed (Debian: openssh-server)")
        make_key(self.key_file)
        make_key(self.folder / "host_key")
        public = (self.folder / "host_key.pub").read_text()
        self.host_key_file.write_text(f"[127.0.0.1]:{self.port} {public}")
        shutil.copy(self.key_file.with_suffix(".pub"), self.folder / "authorized_keys")
        settings = self.folder / "sshd_config"
        settings.write_text(self._settings())
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        with (self.folder / "sshd.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sshd, "-D", "-e", "-f", str(settings)], stdout=log, stderr=log
            )
        self._wait()

    def stop(self) -> None:
        """Ends the server."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def _settings(self) -> str:
        return "\n".join(
            [
                f"Port {self.port}",
                "ListenAddress 127.0.0.1",
                f"HostKey {self.folder / 'host_key'}",
                f"PidFile {self.folder / 'sshd.pid'}",
                f"AuthorizedKeysFile {self.folder / 'authorized_keys'}",
                "StrictModes no",
                "UsePAM no",
                "PasswordAuthentication no",
                "PermitRootLogin prohibit-password",
                "Subsystem sftp internal-sftp",
                "",
            ]
        )

    def _wait(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise SshUnavailable((self.folder / "sshd.log").read_text()[-500:])


def make_key(path: Path) -> None:
    """An Ed25519 key pair without a passphrase: ``path`` and ``path``.pub."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

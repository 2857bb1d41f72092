"""Files by SFTP: whole by rename at the other end, the server known by its key."""

from __future__ import annotations

import asyncio
import os
import posixpath
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import asyncssh

from ossrep.market.files.transports.model import (
    ChannelConfig,
    Incoming,
    Receipt,
    TransportError,
    UnknownTransport,
)

SECONDS_MAX = 60
FILE_BYTES_MAX = 1_000_000_000
UNFINISHED = (".tmp", ".part", ".filepart")

Answer = TypeVar("Answer")


def open_sftp(config: ChannelConfig) -> SftpTransport:
    """Settings: ``host``, ``port`` (22), ``user``, ``host_key_file`` (the server's public keys in
    OpenSSH's known_hosts format), ``key_file`` or ``password_variable`` (an environment variable),
    ``outgoing``, ``incoming`` and ``done`` (default ``incoming``/done), paths at the server.
    """
    variable = config.settings.get("password_variable")
    password = os.environ.get(str(variable)) if variable else None
    if variable and not password:
        raise UnknownTransport(
            f"the environment variable {variable} with the password is not set",
            where=f"channel {config.code}",
        )
    incoming = config.text("incoming")
    return SftpTransport(
        options=asyncssh.SSHClientConnectionOptions(
            host=config.text("host"),
            port=int(config.settings.get("port", 22)),
            username=config.text("user"),
            password=password,
            client_keys=None if password else [config.text("key_file")],
            known_hosts=config.text("host_key_file"),
            agent_path=None,
            config=None,
            connect_timeout=SECONDS_MAX,
            login_timeout=SECONDS_MAX,
        ),
        where=f"channel {config.code}",
        outgoing=config.text("outgoing"),
        incoming=incoming,
        done=config.text("done", posixpath.join(incoming, "done")),
    )


class SftpTransport:
    """One connection, opened at the first use; every call has a time limit."""

    def __init__(
        self,
        *,
        options: asyncssh.SSHClientConnectionOptions,
        where: str,
        outgoing: str,
        incoming: str,
        done: str,
    ) -> None:
        self._options = options
        self._where = where
        self._outgoing = outgoing
        self._incoming = incoming
        self._done = done
        self._loop = asyncio.new_event_loop()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._sftp: asyncssh.SFTPClient | None = None

    def put(self, *, name: str, data: bytes) -> Receipt:
        """Written under a name that nobody takes, then renamed over whatever had the name."""
        target = posixpath.join(self._outgoing, _plain(name))
        beside = posixpath.join(self._outgoing, f".{name}.tmp")

        async def write(sftp: asyncssh.SFTPClient) -> None:
            async with sftp.open(beside, "wb") as file:
                await file.write(data)
            await sftp.posix_rename(beside, target)

        self._run(write, target)
        return Receipt(reference=target)

    def list_incoming(self) -> Sequence[Incoming]:
        """By time of change, then name."""

        async def scan(sftp: asyncssh.SFTPClient) -> list[tuple[int, str, int]]:
            found = []
            for entry in await sftp.readdir(self._incoming):
                kind = entry.attrs.type
                name = str(entry.filename)
                if kind == asyncssh.FILEXFER_TYPE_REGULAR and _is_finished(name):
                    found.append((entry.attrs.mtime or 0, name, entry.attrs.size or 0))
            return sorted(found)

        return [Incoming(name, size) for _, name, size in self._run(scan, self._incoming)]

    def take(self, *, name: str) -> bytes:
        """Reads the whole file; one larger than any file of the market is refused."""
        path = posixpath.join(self._incoming, _plain(name))

        async def read(sftp: asyncssh.SFTPClient) -> bytes:
            async with sftp.open(path, "rb") as file:
                data = await file.read(FILE_BYTES_MAX + 1)
                return data.encode() if isinstance(data, str) else data

        data = self._run(read, path)
        if len(data) > FILE_BYTES_MAX:
            raise TransportError(
                f"has more than {FILE_BYTES_MAX:,} bytes", where=path, is_permanent=True
            )
        return data

    def finish(self, *, name: str) -> None:
        """Moves the file to ``done``; a file already moved is fine."""
        path = posixpath.join(self._incoming, _plain(name))

        async def move(sftp: asyncssh.SFTPClient) -> None:
            await sftp.makedirs(self._done, exist_ok=True)
            try:
                await sftp.posix_rename(path, posixpath.join(self._done, name))
            except asyncssh.SFTPNoSuchFile:
                return

        self._run(move, path)

    def close(self) -> None:
        """Ends the connection."""
        if self._connection is not None:
            self._connection.close()
            self._loop.run_until_complete(self._connection.wait_closed())
            self._connection = self._sftp = None
        if not self._loop.is_closed():
            self._loop.close()

    def _run(self, work: Callable[[asyncssh.SFTPClient], Awaitable[Answer]], path: str) -> Answer:
        async def connected() -> Answer:
            return await work(await self._client())

        try:
            return self._loop.run_until_complete(asyncio.wait_for(connected(), SECONDS_MAX))
        except asyncssh.HostKeyNotVerifiable as error:
            raise TransportError(
                f"the server's key is not the one in host_key_file: {error}",
                where=self._where,
                is_permanent=True,
            ) from error
        except asyncssh.PermissionDenied as error:
            raise TransportError(
                f"the server does not let us in: {error}", where=self._where, is_permanent=True
            ) from error
        except TimeoutError as error:
            raise TransportError(
                f"no answer within {SECONDS_MAX} seconds", where=self._where
            ) from error
        except (OSError, asyncssh.Error) as error:
            raise TransportError(str(error) or type(error).__name__, where=path) from error

    async def _client(self) -> asyncssh.SFTPClient:
        if self._sftp is None:
            self._connection = await asyncssh.connect(
                self._options.host, self._options.port, options=self._options
            )
            self._sftp = await self._connection.start_sftp_client()
        return self._sftp


def _is_finished(name: str) -> bool:
    return not name.startswith(".") and not name.lower().endswith(UNFINISHED)


def _plain(name: str) -> str:
    if not name or "/" in name or name in {".", ".."} or "\0" in name:
        raise TransportError("is no plain file name", where=repr(name), is_permanent=True)
    return name

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ossrep.market.files.transports.model import (
    ChannelConfig,
    Incoming,
    Transport,
    TransportError,
    UnknownTransport,
)
from ossrep.market.files.transports.opening import open_transport
from tests.services import missing_service
from tests.ssh_server import SshServer, SshUnavailable, make_key


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    found = SshServer(folder=tmp_path_factory.mktemp("sshd"))
    try:
        found.start()
    except SshUnavailable as reason:
        missing_service(f"sshd: {reason}")
    yield found
    found.stop()


@pytest.fixture
def partner(tmp_path: Path) -> Path:
    """The partner's folders: ``in`` is where we deliver, ``out`` where files wait for us."""
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    return tmp_path


def _config(server: SshServer, partner: Path, **changes: object) -> ChannelConfig:
    settings = {
        "host": "127.0.0.1",
        "port": server.port,
        "user": server.user,
        "host_key_file": str(server.host_key_file),
        "key_file": str(server.key_file),
        "outgoing": str(partner / "in"),
        "incoming": str(partner / "out"),
    }
    return ChannelConfig(code="oncor-sftp", transport="sftp", settings={**settings, **changes})


@pytest.fixture
def transport(server: SshServer, partner: Path) -> Iterator[Transport]:
    opened = open_transport(config=_config(server, partner))
    yield opened
    opened.close()


class TestSftpTransport:
    def test_puts_a_whole_file(self, transport: Transport, partner: Path) -> None:
        receipt = transport.put(name="a.edi", data=b"ISA*00~")

        assert receipt.reference == str(partner / "in" / "a.edi")
        assert {p.name: p.read_bytes() for p in (partner / "in").iterdir()} == {"a.edi": b"ISA*00~"}

    def test_puts_the_same_file_again(self, transport: Transport, partner: Path) -> None:
        transport.put(name="a.edi", data=b"one")

        transport.put(name="a.edi", data=b"one")

        assert [p.name for p in (partner / "in").iterdir()] == ["a.edi"]

    def test_lists_finished_files_oldest_first(self, transport: Transport, partner: Path) -> None:
        for age, name in enumerate(["b.edi", "a.edi", ".hidden", "c.edi.part"]):
            path = partner / "out" / name
            path.write_bytes(b"12345")
            os.utime(path, (1_700_000_000 + age, 1_700_000_000 + age))
        (partner / "out" / "folder").mkdir()

        assert transport.list_incoming() == [Incoming("b.edi", 5), Incoming("a.edi", 5)]

    def test_takes_and_finishes(self, transport: Transport, partner: Path) -> None:
        content = bytes(range(256)) * 3_000
        (partner / "out" / "a.edi").write_bytes(content)

        taken = transport.take(name="a.edi")
        transport.finish(name="a.edi")
        transport.finish(name="a.edi")

        assert taken == content
        assert transport.list_incoming() == []
        assert (partner / "out" / "done" / "a.edi").read_bytes() == content

    def test_says_what_is_missing(self, transport: Transport, partner: Path) -> None:
        with pytest.raises(TransportError) as refusal:
            transport.take(name="none.edi")

        assert refusal.value.where == str(partner / "out" / "none.edi")
        assert refusal.value.is_permanent is False

    @pytest.mark.parametrize("name", ["../a.edi", "", "..", "a/b", "a\0b"])
    def test_refuses_names_that_leave_the_folder(self, transport: Transport, name: str) -> None:
        with pytest.raises(TransportError, match="no plain file name"):
            transport.put(name=name, data=b"x")


class TestTrust:
    def test_refuses_a_server_with_another_key(
        self, server: SshServer, partner: Path, tmp_path: Path
    ) -> None:
        make_key(tmp_path / "other")
        foreign = tmp_path / "foreign_hosts"
        public = (tmp_path / "other.pub").read_text()
        foreign.write_text(f"[127.0.0.1]:{server.port} {public}")
        transport = open_transport(config=_config(server, partner, host_key_file=str(foreign)))

        with pytest.raises(TransportError, match="not the one in host_key_file") as refusal:
            transport.put(name="a.edi", data=b"x")
        transport.close()

        assert refusal.value.is_permanent is True
        assert list((partner / "in").iterdir()) == []

    def test_says_when_the_server_does_not_know_our_key(
        self, server: SshServer, partner: Path, tmp_path: Path
    ) -> None:
        make_key(tmp_path / "stranger")
        config = _config(server, partner, key_file=str(tmp_path / "stranger"))
        transport = open_transport(config=config)

        with pytest.raises(TransportError, match="does not let us in") as refusal:
            transport.list_incoming()
        transport.close()

        assert refusal.value.is_permanent is True

    def test_can_be_tried_again_when_nobody_listens(self, server: SshServer, partner: Path) -> None:
        transport = open_transport(config=_config(server, partner, port=1))

        with pytest.raises(TransportError) as refusal:
            transport.list_incoming()
        transport.close()

        assert refusal.value.is_permanent is False

    def test_wants_the_password_where_one_is_named(
        self, server: SshServer, partner: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("ONCOR_SFTP_PASSWORD", raising=False)

        with pytest.raises(UnknownTransport, match="ONCOR_SFTP_PASSWORD"):
            open_transport(config=_config(server, partner, password_variable="ONCOR_SFTP_PASSWORD"))

"""Folders as a transport."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ossrep.market.files.transports.model import (
    ChannelConfig,
    Incoming,
    TransportError,
    UnknownTransport,
)
from ossrep.market.files.transports.opening import open_transport


def config(folder: Path, **more: str) -> ChannelConfig:
    settings = {"incoming": str(folder / "in"), "outgoing": str(folder / "out"), **more}
    return ChannelConfig(code="f", transport="folder", settings=settings)


class TestPut:
    def test_leaves_the_whole_file_and_nothing_else(self, tmp_path: Path) -> None:
        transport = open_transport(config=config(tmp_path))

        receipt = transport.put(name="a.edi", data=b"abc")
        transport.put(name="a.edi", data=b"abc")

        assert [entry.name for entry in (tmp_path / "out").iterdir()] == ["a.edi"]
        assert (tmp_path / "out" / "a.edi").read_bytes() == b"abc"
        assert receipt.reference == str(tmp_path / "out" / "a.edi")

    @pytest.mark.parametrize("name", ["", "..", "../a", "/etc/x", "a/b", "a\0b"])
    def test_writes_nowhere_else(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(TransportError) as refusal:
            open_transport(config=config(tmp_path)).put(name=name, data=b"abc")

        assert refusal.value.is_permanent
        assert list(tmp_path.rglob("*")) in ([], [tmp_path / "out"])

    def test_tells_what_failed(self, tmp_path: Path) -> None:
        (tmp_path / "out").write_text("no folder")

        with pytest.raises(TransportError, match="cannot be written"):
            open_transport(config=config(tmp_path)).put(name="a.edi", data=b"abc")


class TestListIncoming:
    def test_gives_finished_files_oldest_first(self, tmp_path: Path) -> None:
        incoming = tmp_path / "in"
        incoming.mkdir()
        for age, name in enumerate(["c.edi", "b.tmp", ".a.edi", "d.PART", "a.edi"]):
            (incoming / name).write_bytes(b"x" * age)
            os.utime(incoming / name, (100 - age, 100 - age))

        found = open_transport(config=config(tmp_path)).list_incoming()

        assert found == [Incoming("a.edi", 4), Incoming("c.edi", 0)]

    def test_gives_none_where_there_is_no_folder(self, tmp_path: Path) -> None:
        assert open_transport(config=config(tmp_path)).list_incoming() == []


class TestFinish:
    def test_moves_the_file_aside(self, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.edi").write_bytes(b"x")
        transport = open_transport(config=config(tmp_path, done=str(tmp_path / "done")))

        assert transport.take(name="a.edi") == b"x"
        transport.finish(name="a.edi")
        transport.finish(name="a.edi")

        assert (tmp_path / "done" / "a.edi").read_bytes() == b"x"
        assert transport.list_incoming() == []


class TestOpenTransport:
    def test_refuses_an_unknown_kind(self) -> None:
        with pytest.raises(UnknownTransport, match="pigeon"):
            open_transport(config=ChannelConfig(code="x", transport="pigeon"))

    def test_refuses_a_folder_without_its_settings(self) -> None:
        with pytest.raises(UnknownTransport, match="incoming"):
            open_transport(config=ChannelConfig(code="x", transport="folder"))

"""Files people hand over: plain, gz or zip, single or in folders, read as streams with limits.

Nothing is unpacked to disk. What cannot be read is a refusal of that file alone, so that the
caller goes on with the others.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ossrep.kernel.errors import DomainError

FILE_BYTES_MAX = 8 * 2**30
ARCHIVE_MEMBERS_MAX = 20_000
LINE_CHARS_MAX = 100_000
_UNREADABLE = (OSError, EOFError, zipfile.BadZipFile, zlib.error)


class InputRefused(DomainError):
    """A file that cannot be read; ``where`` names it (and the line), others may still go on."""

    code = "input_refused"


@dataclass(frozen=True, slots=True)
class InputSource:
    """One stream to read: a plain file, a gz, or one member of a zip (``a.zip/b.csv``)."""

    name: str
    _opener: Callable[[], contextlib.AbstractContextManager[BinaryIO]]

    @property
    def short_name(self) -> str:
        """The last part of the name, without the folders above."""
        return PurePosixPath(self.name).name

    @contextlib.contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The decompressed bytes; ``InputRefused`` where they end too early or never."""
        with contextlib.ExitStack() as stack:
            try:
                stream = stack.enter_context(self._opener())
            except _UNREADABLE as error:
                raise self.refusal(f"cannot be read: {error}") from error
            yield stream

    def lines(self) -> Iterator[tuple[int, str]]:
        """Lines from 1 on without their ends: UTF-8, a byte order mark and CRLF are passed over.

        A NUL, which no table can hold, reads as the four characters ``\\x00``.
        ``InputRefused`` with the line where a line is not UTF-8 or has no end in sight.
        """
        with self.open() as stream:
            number = 0
            while raw := stream.readline(LINE_CHARS_MAX + 1):
                number += 1
                if len(raw) > LINE_CHARS_MAX:
                    raise self.refusal(f"has more than {LINE_CHARS_MAX} bytes in a line", number)
                try:
                    text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    raise self.refusal("is not UTF-8", number) from error
                yield number, text.rstrip("\r\n").replace("\0", "\\x00")

    def refusal(self, message: str, line: int | None = None) -> InputRefused:
        """A refusal of this file, at a line where one is given."""
        return InputRefused(message, where=f"{self.name}:{line}" if line else self.name)


def find_inputs(
    *, paths: Sequence[Path], suffixes: Sequence[str], bytes_max: int = FILE_BYTES_MAX
) -> Iterator[InputSource]:
    """Sources of all paths in a steady order: folders by name, zips member by member.

    In folders and zips only names with one of ``suffixes`` (also before ``.gz``) are taken; a
    path named outright is always taken. ``bytes_max`` bounds the bytes of each source.
    """
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file())
            for file in inside:
                if _is_wanted(file.name, suffixes) or file.suffix.lower() == ".zip":
                    yield from _sources(file, suffixes, bytes_max)
        else:
            yield from _sources(path, suffixes, bytes_max)


def _is_wanted(name: str, suffixes: Sequence[str]) -> bool:
    return name.lower().removesuffix(".gz").endswith(tuple(suffixes))


def _sources(path: Path, suffixes: Sequence[str], bytes_max: int) -> Iterator[InputSource]:
    if path.suffix.lower() != ".zip":
        yield InputSource(str(path), lambda: _open_file(path, bytes_max))
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
    except (OSError, zipfile.BadZipFile) as error:
        yield _refused(str(path), f"cannot be read: {error}")
        return
    if len(members) > ARCHIVE_MEMBERS_MAX:
        yield _refused(str(path), f"holds more than {ARCHIVE_MEMBERS_MAX} files")
        return
    for member in sorted(members, key=lambda m: m.filename):
        if _is_wanted(member.filename, suffixes):
            yield _member(path, member, bytes_max)


def _member(path: Path, member: zipfile.ZipInfo, bytes_max: int) -> InputSource:
    name = f"{path}/{member.filename}"
    inner = PurePosixPath(member.filename.replace("\\", "/"))
    if inner.is_absolute() or ".." in inner.parts:
        return _refused(name, "its name leads out of the archive")
    if member.flag_bits & 0x1:
        return _refused(name, "is encrypted")
    if member.file_size > bytes_max:
        return _refused(name, f"unpacks to more than {bytes_max} bytes")
    return InputSource(name, lambda: _open_member(path, member, bytes_max))


def _refused(name: str, message: str) -> InputSource:
    @contextlib.contextmanager
    def refuse() -> Iterator[BinaryIO]:
        raise InputRefused(message, where=name)
        yield

    return InputSource(name, refuse)


@contextlib.contextmanager
def _open_file(path: Path, bytes_max: int) -> Iterator[BinaryIO]:
    with path.open("rb") as raw:
        is_gz = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        inner: BinaryIO = gzip.GzipFile(fileobj=raw) if is_gz else raw  # type: ignore[assignment]
        yield _bounded(inner, str(path), bytes_max)


@contextlib.contextmanager
def _open_member(path: Path, member: zipfile.ZipInfo, bytes_max: int) -> Iterator[BinaryIO]:
    name = f"{path}/{member.filename}"
    with zipfile.ZipFile(path) as archive, archive.open(member) as packed:
        inner: BinaryIO = packed  # type: ignore[assignment]
        if member.filename.lower().endswith(".gz"):
            inner = gzip.GzipFile(fileobj=packed)  # type: ignore[assignment]
        yield _bounded(inner, name, bytes_max)


def _bounded(stream: BinaryIO, name: str, bytes_max: int) -> BinaryIO:
    # The stubs want a raw stream with a name and mode, the class itself does not.
    return io.BufferedReader(_Bounded(stream, name, bytes_max), 1 << 20)  # type: ignore[type-var]


class _Bounded(io.RawIOBase):
    """Counts what was really read; sizes that archives declare can lie."""

    def __init__(self, stream: BinaryIO, name: str, bytes_max: int) -> None:
        self._stream = stream
        self._name = name
        self._left = bytes_max

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        try:
            # One step at a time, so that what comes before damage is not lost with it.
            data = self._stream.read1(len(buffer))  # type: ignore[attr-defined]
        except _UNREADABLE as error:
            raise InputRefused(f"cannot be read: {error}", where=self._name) from error
        self._left -= len(data)
        if self._left < 0:
            raise InputRefused("unpacks to more bytes than are accepted", where=self._name)
        buffer[: len(data)] = data
        return len(data)

"""Damaged X12 files by the thousand, made by text surgery on good ones.

Knows nothing of the code under test. Every file has a name, what was done to it, and a family;
the same arguments always give the same files. ``malformed_files()`` gives all of them;
``base`` may be any good interchange, so that a test can damage what it knows well.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

ISA = (
    "ISA*00*          *00*          *01*183529049      *01*999999999      "
    "*260219*0312*U*00401*000000501*0*T*>"
)
SWITCH_REJECT = (
    "ST*814*0001",
    "BGN*11*ERCOT20260219A0001*20260219***CR20260218A0001**2",
    "N1*8S*SAMPLE TDSP*9*1039940674000",
    "N1*AY*ERCOT*1*183529049**41",
    "N1*SJ*SAMPLE REP*1*999999999**40",
    "LIN*1*SH*EL*SH*CE*SH*SW",
    "ASI*U*021",
    "REF*7G*A76*INVALID ESI ID",
    "REF*Q5**10443720000000001",
    "SE*10*0001",
)
MAINTENANCE = (
    "ST*814*0002",
    "BGN*13*TDSP20260219A0002*20260219*****20",
    "N1*8S*SAMPLE TDSP*9*1039940674000",
    "N1*SJ*SAMPLE REP*1*999999999**40",
    "N1*8R*JANE SAMPLE",
    "N3*100 MAIN ST*APT 1",
    "N4*DALLAS*TX*75001",
    "LIN*1*SH*EL*SH*MES",
    "ASI*7*001",
    "REF*TD*REFZSH",
    "REF*ZSH*Y",
    "REF*Q5**10443720000000002",
    "SE*13*0002",
)
MONTHLY_USAGE = (
    "ST*867*0001",
    "BPT*00*8670300Z000000000000003*20260219*DD",
    "N1*8S*SAMPLE TDSP*9*1039940674000",
    "N1*AY*ERCOT*1*183529049**41",
    "N1*SJ*SAMPLE REP*1*999999999**40",
    "REF*Q5**10443720000000001",
    "PTD*SU",
    "DTM*150*20260119",
    "DTM*151*20260218",
    "REF*MT*KHMON",
    "QTY*QD*695*KH",
    "SE*12*0001",
)
SEGMENTS = (
    ISA,
    "GS*GE*183529049*999999999*20260219*0312*501*X*004010",
    *SWITCH_REJECT,
    *MAINTENANCE,
    "GE*2*501",
    "GS*PT*183529049*999999999*20260219*0312*502*X*004010",
    *MONTHLY_USAGE,
    "GE*1*502",
    "IEA*2*000000501",
)
GOOD_FILE = "".join(f"{segment}~" for segment in SEGMENTS).encode()
"""Two groups, three transaction sets; no line ends, the usual separators."""

HOSTILE_NAMES = (
    "ROBERT'); DROP TABLE CUSTOMER;--",
    "<script>alert(1)</script>",
    "{{7*7}} ${7*7} %s %n %d",
    "../../../../etc/passwd",
    '=HYPERLINK("http://x")',
    "JOS\u00c9 MU\u00d1OZ",
    "\u5b57\u5e55 \U0001f600",
    "\u202eGNP.EXE",
    'O\'BRIEN & SONS \\ "QUOTED"',
    "A\tB\rC\nD",
    "\x00\x01\x1b[2J\x7f",
    "\ufeffBOM INSIDE",
    " LEADING AND TRAILING ",
    ",",
    "|^:>",
    "-",
    "N" * 10_000,
    "ISA*00*",
    "~SE*3*0001~",
    "~IEA*1*000000501~",
)
HOSTILE_FILE_NAMES = (
    "../../etc/cron.d/x.edi",
    "/etc/passwd",
    "-rf.edi",
    "a b\tc.edi",
    "name\nwith newline.edi",
    "CON.edi",
    "'; DROP TABLE x;--.edi",
    "\u202efdp.edi",
    "\u00e9\u0301.edi",
    ".hidden",
    "n" * 200 + ".edi",
    "$(reboot).edi",
    "%00.edi",
    "x.edi.gz",
)
WRONG_NUMBERS = ("", "0", "-1", "1.0", "99", "A", "999999999999999999999", "\u00b2", " 2", "0x2")
MARKS = [
    *"*~>|^:;,.!?+-_=&%$#@/'\"`<([{ \tAZaz09\n\r\x00\x01\x1c\x1d\x1e\x1f\x7f",
    "\u00a7",
    "\u00ff",
]


@dataclass(frozen=True, slots=True)
class MalformedFile:
    """One damaged file: ``family`` groups the same kind of damage, ``damage`` tells this one."""

    name: str
    family: str
    damage: str
    data: bytes


def malformed_files(base: bytes = GOOD_FILE, *, seed: int = 20260219) -> Iterator[MalformedFile]:
    """Every damaged file; over 1,000 for the usual base.

    ``base`` has ``*``, ``>`` and ``~`` as separators and no line ends.
    """
    for family, make in _FAMILIES.items():
        for number, (damage, data) in enumerate(make(base, random.Random(f"{seed} {family}"))):
            if data != base:
                yield MalformedFile(f"{family}-{number:04d}.edi", family, damage, data)
    for number, name in enumerate(HOSTILE_FILE_NAMES):
        cut = base[: len(base) - 1 - number]
        yield MalformedFile(name, "file-name", f"hostile name, cut by {number + 1} bytes", cut)


Made = Iterator[tuple[str, bytes]]
Maker = Callable[[bytes, random.Random], Made]


def cut_at_each_segment(base: bytes, _: random.Random) -> Made:
    """The file ends after each of its segments but the last, with and without terminator."""
    for place in _terminators(base)[:-1]:
        yield f"cut after byte {place}", base[: place + 1]
        yield f"cut before the terminator at byte {place}", base[:place]


def cut_inside_segments(base: bytes, _: random.Random) -> Made:
    """The file ends in the middle of each segment; and another good file follows at once."""
    start = 0
    for place in _terminators(base):
        middle = (start + place) // 2
        yield f"cut inside the segment at byte {start}", base[:middle]
        yield f"cut there, then a whole file: byte {start}", base[:middle] + _renumbered(base)
        start = place + 1


def wrong_counts(base: bytes, _: random.Random) -> Made:
    """SE01, GE01 and IEA01 say something else than what is there."""
    for tag in ("SE", "GE", "IEA"):
        for place in _starts(base, tag):
            for value in WRONG_NUMBERS:
                yield f"{tag}01 at byte {place} is {value!r}", _with(base, place, 1, value)


def wrong_control_numbers(base: bytes, _: random.Random) -> Made:
    """Numbers of headers and trailers that differ, repeat, or are none."""
    for tag, element in (("ST", 2), ("SE", 2), ("GS", 6), ("GE", 2), ("ISA", 13), ("IEA", 2)):
        for place in _starts(base, tag):
            for value in ("", "0", "0001", "0002", "501", "999999999", "A" * 20, "00 1", "\u00b2"):
                changed = _with(base, place, element, value)
                if changed != base:
                    yield f"{tag}{element:02d} at byte {place} is {value!r}", changed


def bad_separators(base: bytes, _: random.Random) -> Made:
    """Each separator replaced by each mark, in the whole file and in the header alone."""
    for old in (b"*", b"~", b">"):
        for mark in MARKS:
            new = mark.encode("latin-1")
            if new != old:
                yield f"{old!r} is {new!r} in the header", base[:106].replace(old, new) + base[106:]
                yield f"{old!r} is {new!r} everywhere", base.replace(old, new)


def bad_headers(base: bytes, _: random.Random) -> Made:
    """An ISA that is too short or too long, in each of its elements, or with wrong values."""
    elements = base[:105].decode().split("*")
    for number in range(1, 17):
        value = elements[number]
        for made in (value[1:], value.strip(), value + " ", "", value * 2, "?" * len(value)):
            if made != value:
                changed = [*elements[:number], made, *elements[number + 1 :]]
                yield f"ISA{number:02d} is {made!r}", "*".join(changed).encode() + base[105:]
    for number in range(17):
        changed = elements[:number] + elements[number + 1 :]
        yield f"ISA without element {number}", "*".join(changed).encode() + base[105:]
    for tag in ("isa", "ISB", "IS", "ISAISA", " ISA"):
        yield f"the header's tag is {tag!r}", tag.encode() + base[3:]


def other_encodings(base: bytes, _: random.Random) -> Made:
    """Byte order marks, two and four bytes for a character, EBCDIC, packed."""
    text = base.decode("ascii")
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"):
        yield encoding, text.encode(encoding)
        yield f"{encoding}, cut", text.encode(encoding)[:-1]
    for encoding in ("cp500", "cp037", "utf-7", "utf-8-sig"):
        yield encoding, text.encode(encoding)
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb", b"\x00", b"\x1a"):
        yield f"{mark!r} before", mark + base
        yield f"{mark!r} after", base + mark
        yield f"{mark!r} before the second group", base.replace(b"GS*PT", mark + b"GS*PT")
    yield "gzip", gzip.compress(base, mtime=0)


def nuls_and_controls(base: bytes, _: random.Random) -> Made:
    """A NUL, an escape or an end-of-file mark inside each segment, before it, and instead of it."""
    for start, place in zip(
        [0, *(t + 1 for t in _terminators(base))], _terminators(base), strict=False
    ):
        middle = (start + place) // 2
        for mark in (b"\x00", b"\x1a", b"\x1b"):
            yield f"{mark!r} inside the segment at {start}", base[:middle] + mark + base[middle:]
        yield f"NUL before the segment at {start}", base[:start] + b"\x00" + base[start:]
        blank = b"\x00" * (place - start)
        yield f"NULs instead of the segment at {start}", base[:start] + blank + base[place:]


def line_ends(base: bytes, random_: random.Random) -> Made:
    """Line ends of all sorts, mixed, doubled, and in the middle of elements."""
    pieces = base.split(b"~")[:-1]
    ends = (b"~", b"~\n", b"~\r\n", b"~\r", b"~\n\n", b"~ ", b"~\t\n", b"~\n ", b"\n~")
    for end in ends:
        yield f"{end!r} after every segment", end.join(pieces) + end
    for number in range(40):
        mixed = b"".join(piece + random_.choice(ends[:5]) for piece in pieces)
        yield f"mixed line ends, {number}", mixed
    for number in range(40):
        at = random_.randrange(len(base))
        yield f"a line end at byte {at}, {number}", base[:at] + b"\r\n" + base[at:]
    for width in (1, 20, 64, 80):
        lines = [base[at : at + width] for at in range(0, len(base), width)]
        yield f"wrapped at {width} bytes", b"\n".join(lines)


def hostile_names(base: bytes, _: random.Random) -> Made:
    """Names that attack what reads, stores or shows them."""
    for place in _starts(base, "N1"):
        for name in HOSTILE_NAMES:
            for encoding in ("utf-8", "latin-1", "utf-16"):
                value = name.encode(encoding, errors="replace")
                yield (
                    f"N102 at byte {place} is {name[:20]!r} in {encoding}",
                    _with(base, place, 2, value),
                )


def segment_surgery(base: bytes, _: random.Random) -> Made:
    """Each segment missing, doubled, swapped, small letters, without elements, bloated."""
    pieces = base.split(b"~")[:-1]
    for number, piece in enumerate(pieces):
        before, after = pieces[:number], pieces[number + 1 :]
        tag = piece.split(b"*")[0]
        changes = {
            "missing": [],
            "doubled": [piece, piece],
            "in small letters": [piece.lower()],
            "without elements": [tag],
            "without its tag": [piece[len(tag) :]],
            "empty": [b""],
            "with a wrong tag": [b"Q" + piece],
            "with 2,000 elements": [piece + b"*X" * 2000],
            "with empty elements at the end": [piece + b"*" * 20],
            "with 100,000 characters": [piece + b"X" * 100_000],
        }
        for what, made in changes.items():
            yield f"segment {number} ({tag.decode()}) {what}", _joined([*before, *made, *after])
        if after:
            swapped = [*before, after[0], piece, *after[1:]]
            yield f"segment {number} ({tag.decode()}) after the next", _joined(swapped)


def text_outside(base: bytes, _: random.Random) -> Made:
    """Strange text before, between and after interchanges; other files' formats."""
    noise = (
        b"junk",
        b"ISA",
        b"ISA*",
        b"ISA" * 50,
        b"ISA*00*",
        b"\n\n\n",
        b"~~~",
        b"GS*GE~",
        b"\x00" * 600,
    )
    for text in noise:
        yield f"{text[:12]!r} before", text + base
        yield f"{text[:12]!r} after", base + text
        yield f"{text[:12]!r} between two", base + text + _renumbered(base)
    yield "the same interchange twice", base + base
    yield "an interchange inside another", base[:300] + _renumbered(base) + base[300:]
    for text in (b"", b" ", b"\n", b"I", b"IS", b"%PDF-1.7\n", b"PK\x03\x04", b"{}", b"<a/>"):
        yield f"only {text!r}", text
    yield "a PGP message", b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"
    yield "a flat file", b"00|HDR|207|ERCOT\n01|867_03|10443720000000001\n"


def random_damage(base: bytes, random_: random.Random) -> Made:
    """Bytes flipped, cut out, doubled and shuffled by chance."""
    for number in range(150):
        data = bytearray(base)
        for _ in range(random_.randint(1, 8)):
            data[random_.randrange(len(data))] = random_.randrange(256)
        yield f"bytes flipped, {number}", bytes(data)
    for number in range(75):
        start, end = sorted(random_.randrange(len(base)) for _ in range(2))
        yield f"bytes {start} to {end} missing, {number}", base[:start] + base[end:]
        yield f"bytes {start} to {end} doubled, {number}", base[:end] + base[start:]
    for number in range(25):
        size = random_.randrange(1, 2000)
        yield f"nothing but chance, {number}", random_.randbytes(size)
        yield f"chance after a header, {number}", base[:106] + random_.randbytes(size)


_FAMILIES: dict[str, Maker] = {
    "cut": cut_at_each_segment,
    "torn": cut_inside_segments,
    "count": wrong_counts,
    "number": wrong_control_numbers,
    "separator": bad_separators,
    "header": bad_headers,
    "encoding": other_encodings,
    "control": nuls_and_controls,
    "line-end": line_ends,
    "name": hostile_names,
    "segment": segment_surgery,
    "outside": text_outside,
    "chance": random_damage,
}


def _terminators(data: bytes) -> list[int]:
    return [at for at, byte in enumerate(data) if byte == ord("~")]


def _starts(data: bytes, tag: str) -> list[int]:
    """Where segments with a tag begin."""
    found = [0] if data.startswith(f"{tag}*".encode()) else []
    mark = f"~{tag}*".encode()
    at = data.find(mark)
    while at >= 0:
        found.append(at + 1)
        at = data.find(mark, at + 1)
    return found


def _with(data: bytes, start: int, element: int, value: str | bytes) -> bytes:
    """The file with one element of the segment at ``start`` replaced."""
    end = data.index(b"~", start)
    elements = data[start:end].split(b"*")
    elements[element] = value if isinstance(value, bytes) else value.encode("latin-1")
    return data[:start] + b"*".join(elements) + data[end:]


def _renumbered(base: bytes) -> bytes:
    """The same interchange with another control number."""
    number = base[90:99]
    return base.replace(number, b"000000777")


def _joined(pieces: list[bytes]) -> bytes:
    return b"".join(piece + b"~" for piece in pieces)

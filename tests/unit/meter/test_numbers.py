"""kWh texts become whole Wh."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossrep.kernel.identifiers import is_valid_esi_id
from ossrep.meter.domain.formats.numbers import WORD, NotWh, read_wh, wh_of
from ossrep.meter.domain.formats.texts import NotReadable, esi_id


def fast(*texts: bytes) -> list[int | None]:
    """Wh of each text by the fast way, None where it leaves the text to the careful one."""
    buffer = bytes(WORD) + b",".join(texts) + bytes(WORD)
    ends = np.cumsum([len(text) + 1 for text in texts]) - 1 + WORD
    starts = ends - [len(text) for text in texts]
    wh, plain = read_wh(buffer=np.frombuffer(buffer, np.uint8), starts=starts, ends=ends)
    return [int(value) if ok else None for value, ok in zip(wh, plain, strict=True)]


class TestReadWh:
    def test_reads_up_to_three_decimals(self) -> None:
        texts = (b"0.131", b"12.5", b"7", b"1234.567", b"0.1", b".25", b"999999.9", b"0")

        assert fast(*texts) == [131, 12_500, 7_000, 1_234_567, 100, 250, 999_999_900, 0]

    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b"-0.1",
            b"+1",
            b"1e3",
            b"NaN",
            b"nan",
            b"1,2"[:1] + b"x",
            b"0.1234",
            b"1.",
            b".",
            b" 1",
            b"1 ",
            b"1..2",
            b"123456789",
            b"0x10",
            b"\xff.1",
            b"9999999",
            b"2147483.7",
        ],
    )
    def test_leaves_every_other_text_to_the_careful_way(self, text: bytes) -> None:
        assert fast(text) == [None]

    @given(
        st.lists(st.text("0123456789.-+e ", max_size=10).map(str.encode), min_size=1, max_size=20)
    )
    def test_agrees_with_the_careful_way_on_numbers(self, texts: list[bytes]) -> None:
        for text, wh in zip(texts, fast(*texts), strict=True):
            if wh is not None:
                assert wh_of(text) == wh

    @given(st.lists(st.binary(min_size=0, max_size=10).filter(lambda t: b"," not in t), min_size=1))
    def test_agrees_with_the_careful_way_on_any_bytes(self, texts: list[bytes]) -> None:
        for text, wh in zip(texts, fast(*texts), strict=True):
            if wh is not None:
                assert wh_of(text) == wh

    @given(st.integers(0, 9_999_999), st.integers(0, 3))
    def test_reads_every_number_that_files_hold(self, wh: int, places: int) -> None:
        rounded = wh - wh % 10 ** (3 - places)
        text = f"{rounded / 1000:.{places}f}".encode()

        assert fast(text) == [rounded]
        assert wh_of(text) == rounded


class TestWhOf:
    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (b"", "not_a_number"),
            (b"abc", "not_a_number"),
            (b"NaN", "not_a_number"),
            (b"Infinity", "not_a_number"),
            (b"1e3", "not_a_number"),
            (b"-0.5", "negative"),
            (b"-7", "negative"),
            (b"--7", "not_a_number"),
            (b"0.1234", "too_many_decimals"),
            (b"99999999.0", "not_a_number"),
            (b".", "not_a_number"),
            (b"1.", "not_a_number"),
            (b"1_000", "not_a_number"),
            ("١".encode(), "not_a_number"),
        ],
    )
    def test_refuses_with_a_reason(self, text: bytes, reason: str) -> None:
        with pytest.raises(NotWh) as refused:
            wh_of(text)

        assert refused.value.reason == reason

    def test_takes_zeros_beyond_the_third_decimal(self) -> None:
        assert wh_of(b"0.13100000") == 131


class TestEsiId:
    @given(st.one_of(st.binary(max_size=23), st.from_regex(rb"\d{15,23}", fullmatch=True)))
    def test_takes_what_the_kernel_takes(self, text: bytes) -> None:
        try:
            taken = esi_id(text) == text
        except NotReadable:
            taken = False

        assert taken == is_valid_esi_id(text.decode("latin-1"))

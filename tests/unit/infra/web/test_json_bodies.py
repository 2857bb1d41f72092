from __future__ import annotations

import io
from decimal import Decimal

import pytest
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.serializers import CharField

from ossrep.infra.web.json_bodies import (
    CamelJsonParser,
    CamelJsonRenderer,
    camel,
    read_json,
    snake,
)
from ossrep.infra.web.serializers import StrictSerializer


class TestReadJson:
    def test_keeps_decimals_exact(self) -> None:
        assert read_json(b'{"a": 0.10, "b": 12}') == {"a": Decimal("0.10"), "b": 12}

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"", "not_json"),
            (b"{", "not_json"),
            (b"\xff", "not_utf8"),
            (b'{"a": 1, "a": 2}', "name_twice"),
            (b'{"a": NaN}', "not_json"),
            (b'{"a": -Infinity}', "not_json"),
            (b'{"a": 1e400}', "number_out_of_range"),
            (b'{"a": 1e-400}', "number_out_of_range"),
            (b'{"a": ' + b"9" * 41 + b"}", "number_too_long"),
            (b'{"a": 0.' + b"9" * 41 + b"}", "number_too_long"),
            (b'{"a": "\\ud800"}', "half_character"),
            (b'{"a": ["\\uDFFF x"]}', "half_character"),
            (b'{"\\ud83d": 1}', "half_character"),
            (b'{"a": "\\ude00\\ud83d"}', "half_character"),
            (b'{"a": "\xed\xa0\x80"}', "not_utf8"),
            (b"[" * 21 + b"]" * 21, "too_deep"),
            (b"[" * 500_000, "too_deep"),
            (b'{"a":' * 21 + b"1" + b"}" * 21, "too_deep"),
        ],
    )
    def test_refuses(self, body: bytes, code: str) -> None:
        with pytest.raises(ParseError) as refusal:
            read_json(body)

        assert refusal.value.get_codes() == code

    def test_takes_a_character_of_two_halves(self) -> None:
        assert read_json(b'{"a": "\\ud83d\\ude00", "b": 0.5}') == {
            "a": "\N{GRINNING FACE}",
            "b": Decimal("0.5"),
        }

    def test_takes_words_that_look_like_halves(self) -> None:
        assert read_json(b'["\\\\ud800"]') == ["\\ud800"]

    def test_counts_no_brackets_in_texts(self) -> None:
        assert read_json(b'["' + b"[" * 100 + b'\\"["]') == ["[" * 100 + '"[']


class TestCamelJsonParser:
    def test_reads_camel_case_names(self) -> None:
        body = io.BytesIO(b'{"accountNumber": "7", "lineItems": [{"unitPrice": 1}]}')

        assert CamelJsonParser().parse(body) == {
            "account_number": "7",
            "line_items": [{"unit_price": 1}],
        }

    def test_refuses_two_spellings_of_one_name(self) -> None:
        with pytest.raises(ParseError) as refusal:
            CamelJsonParser().parse(io.BytesIO(b'{"accountNumber": 1, "account_number": 2}'))

        assert refusal.value.get_codes() == "name_twice"

    def test_refuses_a_large_body(self) -> None:
        with pytest.raises(ParseError) as refusal:
            CamelJsonParser().parse(io.BytesIO(b" " * 1_000_001))

        assert refusal.value.get_codes() == "too_large"


class TestCamelJsonRenderer:
    def test_writes_camel_case_names(self) -> None:
        value = {"account_number": "7", "line_items": [{"unit_price": Decimal("0.10")}]}

        assert (
            CamelJsonRenderer().render(value)
            == b'{"accountNumber":"7","lineItems":[{"unitPrice":"0.10"}]}'
        )


class TestNames:
    @pytest.mark.parametrize(
        ("inside", "outside"),
        [("account_number", "accountNumber"), ("id", "id"), ("street_line2", "streetLine2")],
    )
    def test_go_both_ways(self, inside: str, outside: str) -> None:
        assert camel(inside) == outside
        assert snake(outside) == inside


class _Nickname(StrictSerializer):
    nick_name = CharField(max_length=5)
    status = CharField(read_only=True)


class TestStrictSerializer:
    @pytest.mark.parametrize(
        ("data", "names"),
        [
            ({"nick_name": "a", "is_admin": True}, {"isAdmin"}),
            ({"nick_name": "a", "status": "ACTIVE"}, {"status"}),
        ],
    )
    def test_refuses_fields_that_nobody_may_write(
        self, data: dict[str, object], names: set[str]
    ) -> None:
        with pytest.raises(ValidationError) as refusal:
            _Nickname(data=data).is_valid(raise_exception=True)

        codes = refusal.value.get_codes()
        assert codes == {name: ["unknown_field"] for name in names}

    def test_takes_what_it_knows(self) -> None:
        serializer = _Nickname(data={"nick_name": "home"})

        assert serializer.is_valid(raise_exception=True)
        assert serializer.validated_data == {"nick_name": "home"}

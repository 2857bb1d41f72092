"""YAML that people write, read without surprises."""

from __future__ import annotations

from pathlib import Path

import pytest

from ossrep.infra.yaml_files import InvalidYaml, dump_yaml, parse_yaml, read_yaml


def _refusal(text: str) -> str:
    with pytest.raises(InvalidYaml) as caught:
        parse_yaml(text=text, name="plan.yaml")
    return str(caught.value)


class TestParseYaml:
    def test_keeps_words_times_and_dates_as_text(self) -> None:
        text = "on: first_bill\nfrom: 20:00\ndate: 2026-06-01\nanswer: no\n"

        assert parse_yaml(text=text, name="p").data == {
            "on": "first_bill",
            "from": "20:00",
            "date": "2026-06-01",
            "answer": "no",
        }

    def test_reads_numbers_truth_and_nothing(self) -> None:
        text = "a: 12\nb: -0.5\nc: true\nd: null\ne:\nf: '12'\n"

        assert parse_yaml(text=text, name="p").data == {
            "a": 12,
            "b": -0.5,
            "c": True,
            "d": None,
            "e": None,
            "f": "12",
        }

    def test_makes_every_key_a_text(self) -> None:
        assert parse_yaml(text="{500: '14.4', true: x}", name="p").data == {
            "500": "14.4",
            "true": "x",
        }

    def test_refuses_the_second_of_two_equal_keys(self) -> None:
        assert _refusal("a: 1\nb: 2\na: 3\n") == "plan.yaml:3: 'a' stands here and in line 1"

    def test_refuses_aliases(self) -> None:
        assert _refusal("a: 1\nb: *x\n") == (
            "plan.yaml:2: anchors and aliases are not accepted: write the value out"
        )

    def test_refuses_anchors_that_nothing_names(self) -> None:
        assert _refusal("a: 1\nb: &x 2\n") == (
            "plan.yaml:2: anchors and aliases are not accepted: write the value out"
        )

    @pytest.mark.parametrize("value", ["!!python/name:os.system x", "!!str 0.1", "!!set {x}"])
    def test_refuses_tags(self, value: str) -> None:
        assert _refusal(f"a: {value}") == (
            f"plan.yaml:1: tags such as {value.split()[0]} are not accepted: leave it out"
        )

    def test_keeps_every_digit_of_a_long_number(self) -> None:
        digits = "9" * 5_000

        assert parse_yaml(text=f"a: {digits}\nb: {'9' * 18}", name="p").data == {
            "a": digits,
            "b": 10**18 - 1,
        }

    @pytest.mark.parametrize("text", ['a: "x\\0"', 'a: "\\uD800"', '"\\0": x'])
    def test_refuses_escapes_that_are_no_text(self, text: str) -> None:
        assert _refusal(text) == (
            "plan.yaml:1: holds a character that is no text: an escape such as \\0"
        )

    def test_refuses_a_broken_document_with_its_line(self) -> None:
        assert _refusal("a: 1\nb: [1, 2\nc: 3\n").startswith("plan.yaml:3: ")

    def test_refuses_an_empty_document(self) -> None:
        assert _refusal("# nothing\n") == "plan.yaml: is empty"

    def test_refuses_a_bottomless_document(self) -> None:
        assert _refusal("[" * 50_000) == "plan.yaml:1: is nested more than 30 levels deep"

    def test_refuses_two_documents(self) -> None:
        assert _refusal("a: 1\n---\nb: 2\n") == (
            "plan.yaml:2: expected a single document in the stream, but found another document"
        )


class TestYamlFile:
    def test_knows_the_line_of_each_field(self) -> None:
        text = "plan: X\ncomponents:\n  - kind: flat\n    tiers:\n      - {price: '1'}\n"
        file = parse_yaml(text=text, name="x.yaml")

        assert (
            file.where("components[0].tiers[0].price") == "x.yaml:5: components[0].tiers[0].price"
        )

    def test_gives_a_missing_field_the_line_around_it(self) -> None:
        file = parse_yaml(text="plan: X\ncomponents:\n  - kind: flat\n", name="x.yaml")

        assert file.where("components[0].code") == "x.yaml:3: components[0].code"


class TestReadYaml:
    def test_refuses_what_is_not_utf8_with_its_line(self, tmp_path: Path) -> None:
        path = tmp_path / "plan.yaml"
        path.write_bytes(b"a: 1\nb: \xff\n")

        with pytest.raises(InvalidYaml, match=r"plan\.yaml:2: is not UTF-8"):
            read_yaml(path=path)

    def test_passes_over_a_byte_order_mark(self, tmp_path: Path) -> None:
        path = tmp_path / "plan.yaml"
        path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: x\r\n")

        assert read_yaml(path=path).data == {"a": 1, "b": "x"}

    def test_refuses_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidYaml, match="cannot be read: No such file"):
            read_yaml(path=tmp_path / "none.yaml")


class TestDumpYaml:
    def test_reads_back_the_same(self) -> None:
        data = {"on": "20:00", "price": "0.12", "list": [{"a": None}], "date": "2026-01-01"}

        assert parse_yaml(text=dump_yaml(data), name="d").data == data

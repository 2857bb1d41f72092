"""Files of a customer book: which are taken, and what becomes of every line."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from ossrep.customer.domain.records import CUSTOMER, KINDS, PREMISES
from ossrep.customer.files.book_reading import BookRefused, BookRow, open_book
from ossrep.customer.files.lines import RECORD_BYTES_MAX, CsvRecord, read_csv, read_lines

HEADER = "customer_number,type,first_name,last_name,business_name\n"
GOOD = "C1,individual,Ann,Smith,\n"


def csv_file(tmp_path: Path, content: str | bytes, name: str = "customers.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(*paths: Path) -> list[BookRow]:
    return [row for kind in KINDS for file in open_book(paths=paths) for row in file.rows(kind)]


def outcome(row: BookRow) -> tuple[int, str]:
    """Line, and the record's number or the code of its fault."""
    if row.fault:
        return row.line, row.fault.code
    assert row.record is not None
    return row.line, row.record[row.kind.key[0]]


def csv_records(text: str | bytes) -> list[CsvRecord]:
    raw = text.encode() if isinstance(text, str) else text
    return list(read_csv(read_lines(io.BytesIO(raw))))


class TestOpenBook:
    @pytest.mark.parametrize(
        ("header", "told"),
        [
            ("customer_number,first_name\n", "missing type"),
            (HEADER.strip() + ",ssn\n", "unknown ssn (known are customer_number, type, "),
            ("customer_number,type,type\n", "more than once type"),
            ("customer_number,type,\n", "unknown (empty)"),
            ("customer_number;type;first_name\n", "its columns are not separated by commas"),
            ("customer_number\ttype\n", "its columns are not separated by commas"),
            ("", "the file is empty"),
            ("\n" + HEADER, "the file is empty"),
            ('"customer_number,type\n', "a cell begins with a quote that nothing closes"),
        ],
    )
    def test_refuses_a_wrong_header_with_file_and_line(
        self, tmp_path: Path, header: str, told: str
    ) -> None:
        path = csv_file(tmp_path, header)

        with pytest.raises(BookRefused) as refusal:
            open_book(paths=[path])

        assert f"{path}:1: " in str(refusal.value)
        assert told in str(refusal.value)

    def test_tells_the_faults_of_all_files_at_once(self, tmp_path: Path) -> None:
        csv_file(tmp_path, "customer_number\n")
        csv_file(tmp_path, "x\n", "accounts.csv")
        csv_file(tmp_path, HEADER, "people.csv")

        with pytest.raises(BookRefused) as refusal:
            open_book(paths=[tmp_path])

        lines = str(refusal.value).splitlines()
        assert lines[0] == "the book is refused, nothing was imported:"
        assert [Path(line.split(": ")[0]).name for line in lines[1:]] == [
            "accounts.csv:1",
            "customers.csv:1",
            "people.csv",
        ]

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
    def test_refuses_utf16(self, tmp_path: Path, encoding: str) -> None:
        mark = b"" if encoding == "utf-16" else b"\xfe\xff"
        path = csv_file(tmp_path, mark + HEADER.encode(encoding))

        with pytest.raises(BookRefused, match="is UTF-16; save it as UTF-8"):
            open_book(paths=[path])

    def test_refuses_a_missing_file_and_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(BookRefused, match=r"gone\.csv: cannot be read"):
            open_book(paths=[tmp_path / "gone.csv"])
        with pytest.raises(BookRefused, match=r"no \.csv or \.jsonl file in"):
            open_book(paths=[tmp_path])

    def test_takes_columns_in_any_order_and_case_and_any_suffix_of_the_name(
        self, tmp_path: Path
    ) -> None:
        path = csv_file(tmp_path, "Last_Name, TYPE ,customer_number\nSmith,individual,C1\n")
        path = path.rename(tmp_path / "Customers-2026-11 (2).csv")

        [row] = read(path)

        assert row.record == {"last_name": "Smith", "type": "individual", "customer_number": "C1"}


class TestArchives:
    def archive(self, tmp_path: Path, members: dict[str, bytes]) -> Path:
        path = tmp_path / "book.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for name, content in members.items():
                target.writestr(name, content)
        return path

    def test_reads_members_with_a_kind_in_their_names(self, tmp_path: Path) -> None:
        members = {"book/customers.csv": (HEADER + GOOD).encode(), "readme.txt": b"hello"}

        [row] = read(self.archive(tmp_path, members))

        assert row.file.endswith("book.zip/book/customers.csv")

    @pytest.mark.parametrize(
        "name", ["../customers.csv", "/customers.csv", "a\\..\\..\\customers.csv"]
    )
    def test_refuses_paths_that_lead_out(self, tmp_path: Path, name: str) -> None:
        archive = self.archive(tmp_path, {name: (HEADER + GOOD).encode()})

        with pytest.raises(BookRefused, match="its name leads out of the archive"):
            open_book(paths=[archive])

    def test_refuses_a_damaged_archive(self, tmp_path: Path) -> None:
        path = self.archive(tmp_path, {"customers.csv": (HEADER + GOOD * 1000).encode()})
        path.write_bytes(path.read_bytes()[:-30])

        with pytest.raises(BookRefused, match=r"book\.zip: cannot be read"):
            open_book(paths=[path])

    def test_passes_over_a_bomb_of_one_endless_line_in_little_memory(self, tmp_path: Path) -> None:
        bomb = HEADER.encode() + b"C0," + b"x" * 30_000_000 + b"\n" + GOOD.encode()

        rows = read(self.archive(tmp_path, {"customers.csv": bomb}))

        assert [outcome(row) for row in rows] == [(2, "line_too_long"), (3, "C1")]
        assert len(rows[0].raw) == 1_000

    def test_reads_gz(self, tmp_path: Path) -> None:
        path = csv_file(tmp_path, gzip.compress((HEADER + GOOD).encode()), "customers.csv.gz")

        assert [outcome(row) for row in read(path)] == [(2, "C1")]


class TestCsvRows:
    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            pytest.param("\ufeff" + HEADER + GOOD, [(2, "C1")], id="byte order mark"),
            pytest.param((HEADER + GOOD).replace("\n", "\r\n"), [(2, "C1")], id="CRLF"),
            pytest.param(HEADER + GOOD.rstrip(), [(2, "C1")], id="no last line end"),
            pytest.param(HEADER + "\n" + GOOD, [(3, "C1")], id="blank line"),
            pytest.param(
                HEADER + "C0,individual\n" + GOOD, [(2, "wrong_cell_count"), (3, "C1")], id="short"
            ),
            pytest.param(
                HEADER + 'C0,individual,"Ann,Smith,\n' + GOOD,
                [(2, "quote_not_closed"), (3, "C1")],
                id="quote not closed",
            ),
            pytest.param(
                HEADER + 'C0,individual,Ann" "x,Smith,\n' + GOOD,
                [(2, "C0"), (3, "C1")],
                id="quotes inside a cell",
            ),
            pytest.param(
                HEADER + 'C0,individual,"Ann"x,Smith,\n' + GOOD,
                [(2, "not_csv"), (3, "C1")],
                id="text after a quote",
            ),
            pytest.param(
                (HEADER + "C0,individual,Jos").encode() + b"\xe9,Smith,\n" + GOOD.encode(),
                [(2, "not_utf8"), (3, "C1")],
                id="Latin-1",
            ),
        ],
    )
    def test_keeps_a_fault_to_its_own_row(
        self, tmp_path: Path, content: str | bytes, expected: list[tuple[int, str]]
    ) -> None:
        assert [outcome(row) for row in read(csv_file(tmp_path, content))] == expected

    def test_keeps_the_raw_content(self, tmp_path: Path) -> None:
        path = csv_file(tmp_path, (HEADER + "C0,individual,Jos").encode() + b"\xe9\n")

        [row] = read(path)

        assert row.raw == "C0,individual,Jos\\xe9"

    def test_takes_the_guard_off_formula_signs(self, tmp_path: Path) -> None:
        rows = read(csv_file(tmp_path, HEADER + "C1,business,,,'=SUM(1)\nC2,business,,,'Tis\n"))

        assert [row.record["business_name"] for row in rows if row.record] == ["=SUM(1)", "'Tis"]


class TestReadCsv:
    def test_joins_lines_of_a_quoted_cell(self) -> None:
        [record, after] = csv_records('a,"b\nc ""d""",e\nf,g,h\n')

        assert record.cells == ["a", 'b\nc "d"', "e"]
        assert (after.line, after.cells) == (3, ["f", "g", "h"])

    def test_gives_up_a_cell_that_never_ends_and_goes_on(self) -> None:
        lines = "".join(f"r{n},x\n" for n in range(80))

        records = csv_records('a,"b\n' + lines + 'y,"z"\n')

        assert records[0].fault is not None
        assert [record.cells[0] for record in records[1:]] == [f"r{n}" for n in range(80)] + ["y"]

    def test_recovers_at_each_of_two_open_quotes(self) -> None:
        # The second quote seems to close the first; the cells in between cannot be saved.
        records = csv_records('a,"b\nc,d\ne,"f\ng,h\n')

        assert [bool(record.fault) for record in records] == [True, False]
        assert records[-1].cells == ["g", "h"]

    def test_bounds_the_size_of_a_record(self) -> None:
        half = "x" * (RECORD_BYTES_MAX // 2)

        records = csv_records(f'a,"{half}\n{half}\n{half}\nb"\nc,d\n')

        assert records[0].fault is not None
        assert records[-1].cells == ["c", "d"]

    def test_escapes_null_bytes(self) -> None:
        [record] = csv_records(b"a\xff\x00,b\n")

        assert record.raw == "a\\xff\\x00,b"


class TestJsonLines:
    def lines(self, tmp_path: Path, *lines: object) -> Path:
        text = "".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines)
        return csv_file(tmp_path, text, "book.jsonl")

    def test_sorts_mixed_kinds(self, tmp_path: Path) -> None:
        path = self.lines(
            tmp_path,
            {"kind": "premises", "premises_number": "P1"},
            {"kind": "customer", "customer_number": "C1", "first_name": None},
        )

        first, second = read(path)

        assert (first.kind, first.line) == (CUSTOMER, 2)
        assert first.record == {"customer_number": "C1", "first_name": ""}
        assert (second.kind, second.line) == (PREMISES, 1)

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ("{", "not_json"),
            ("[]", "not_json"),
            ("[" * 60_000, "not_json"),
            ({"customer_number": "C1"}, "kind_unknown"),
            ({"kind": "customers", "customer_number": "C1"}, "kind_unknown"),
            ('{"kind": "\\u0063ustomer", "customer_number": "C1"}', "kind_unknown"),
            ({"kind": "customer", "ssn": "1"}, "field_unknown"),
            ({"kind": "premises", "esi_id": 10443720000000001}, "not_text"),
            ({"kind": "customer", "type": ["individual"]}, "not_text"),
        ],
    )
    def test_keeps_a_fault_to_its_own_line(self, tmp_path: Path, line: object, code: str) -> None:
        good = {"kind": "customer", "customer_number": "C1"}

        found = sorted(outcome(row) for row in read(self.lines(tmp_path, line, good)))

        assert found == [(1, code), (2, "C1")]

    def test_takes_a_number_as_plan_version(self, tmp_path: Path) -> None:
        [row] = read(self.lines(tmp_path, {"kind": "contract", "plan_version": 3}))

        assert row.record == {"plan_version": "3"}

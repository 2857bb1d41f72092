"""What is written is read again, in every syntax; what is damaged gives ``EdiError`` alone."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ossrep.market.edi.errors import EdiError
from ossrep.market.edi.flat.model import FlatFile
from ossrep.market.edi.flat.pipe import write_pipe
from ossrep.market.edi.flat.prism import write_prism
from ossrep.market.edi.flat.reading import read_flat
from ossrep.market.edi.texas_set.guide import tables
from ossrep.market.edi.texas_set.guide.compiling import compile_guide
from ossrep.market.edi.texas_set.guide.reading import read_segments
from ossrep.market.edi.texas_set.invoice import DeliveryInvoice
from ossrep.market.edi.texas_set.invoice_checks import check_invoice
from ossrep.market.edi.texas_set.model import Transaction
from ossrep.market.edi.texas_set.usage import MonthlyUsage, Usage
from ossrep.market.edi.texas_set.usage_checks import check_usage
from ossrep.market.edi.texas_set.usage_totals import total_usage
from ossrep.market.edi.texas_set.writing import write_transaction
from ossrep.market.edi.x12.model import Segment
from tests.unit.market.edi.usage.files import FOLDER, against, read_set, sets_of, usage_of
from tests.unit.market.edi.usage.strategies import (
    INITIAL_READS,
    flat_usages,
    invoices,
    loops,
    usages,
)

AS_OF = dt.date(2026, 3, 5)
# Documents are large, and a busy machine is slow at making them up.
FEWER = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(FEWER, max_examples=300)
X12_FILES = ["monthly", "exchange", "unmetered", "initial", "history", "invoice"]
FLAT_FILES = [
    "monthly_pipe.txt",
    "monthly_prism.txt",
    "invoice_pipe.txt",
    "invoice_prism.txt",
    "interval_prism.txt",
    "remittance_prism.txt",
]


def read_again(transaction: Transaction) -> Transaction:
    segments = write_transaction(transaction)
    assert segments[-1] == ["SE", str(len(segments)), "0001"]
    return read_set(segments[1:-1], segments[0][1])


class TestRoundTrips:
    @FEWER
    @given(usages(loops()))
    def test_of_usage_through_x12(self, usage: Usage) -> None:
        assert read_again(usage) == usage

    @FEWER
    @given(INITIAL_READS)
    def test_of_initial_reads_through_x12(self, usage: Usage) -> None:
        assert read_again(usage) == usage

    @FEWER
    @given(invoices(flat=False))
    def test_of_invoices_through_x12(self, invoice: DeliveryInvoice) -> None:
        assert read_again(invoice) == invoice

    @FEWER
    @given(flat_usages(prism=False))
    def test_of_usage_through_pipe(self, usage: Usage) -> None:
        written = write_pipe(file=FlatFile(layout="pipe"), transactions=[usage])

        assert [each.transaction for each in read_flat(written).documents] == [usage]

    @FEWER
    @given(st.lists(flat_usages(prism=True) | INITIAL_READS, min_size=1, max_size=3))
    def test_of_usage_through_prism(self, found: list[Usage]) -> None:
        written = write_prism(partner="P", transactions=found)

        assert [each.transaction for each in read_flat(written).documents] == found

    @FEWER
    @given(invoices(flat=True))
    def test_of_invoices_through_both(self, invoice: DeliveryInvoice) -> None:
        pipe = write_pipe(file=FlatFile(layout="pipe"), transactions=[invoice])
        prism = write_prism(partner="P", transactions=[invoice])

        assert [each.transaction for each in read_flat(pipe).documents] == [invoice]
        assert [each.transaction for each in read_flat(prism).documents] == [invoice]

    @FEWER
    @given(usages(loops()), st.randoms())
    def test_mean_the_same_in_any_order_of_loops(self, usage: Usage, order: object) -> None:
        shuffled = list(usage.loops)
        order.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
        other = replace(usage, loops=tuple(shuffled))

        assert total_usage(other) == total_usage(usage)
        assert check_usage(other, as_of=AS_OF) == check_usage(usage, as_of=AS_OF)


def damaged(body: Sequence[Segment], draw: st.DataObject) -> list[Segment]:
    """Some segments lost, doubled, moved, cut or with another element."""
    segments = [list(segment) for segment in body]
    for _ in range(draw.draw(st.integers(1, 4))):
        if not segments:
            break
        index = draw.draw(st.integers(0, len(segments) - 1))
        match draw.draw(st.sampled_from(["lose", "double", "move", "cut", "change", "empty"])):
            case "lose":
                del segments[index]
            case "double":
                segments.insert(index, list(segments[index]))
            case "move":
                segments.insert(0, segments.pop(index))
            case "cut":
                segments[index] = segments[index][: draw.draw(st.integers(0, 3))]
            case "change":
                at = draw.draw(st.integers(0, 9))
                segments[index] += [""] * (at + 1 - len(segments[index]))
                segments[index][at] = draw.draw(st.text(max_size=12))
            case _:
                segments[index] = []
    return segments


class TestDamage:
    @MANY
    @given(st.sampled_from([*X12_FILES, "constructed_867_03_interval_excerpt"]), st.data())
    def test_of_x12_gives_edi_errors_alone(self, name: str, draw: st.DataObject) -> None:
        found = sets_of(f"{name}.edi")[0]
        body = damaged(found.segments[1:-1], draw)

        with contextlib.suppress(EdiError):
            transaction = read_set(body, found.code)
            if isinstance(transaction, Usage):
                total_usage(transaction)
                check_usage(transaction, as_of=AS_OF, previous_end=AS_OF)
            if isinstance(transaction, DeliveryInvoice):
                check_invoice(transaction)
                against(transaction, usage_of("monthly.edi"))
            # An unknown segment that came out of order may find a place once it is in order.
            if not transaction.unknown:
                again = read_again(transaction)
                assert replace(again, strays=()) == replace(transaction, strays=())
                assert set(again.strays) == set(transaction.strays)

    @MANY
    @given(st.sampled_from(FLAT_FILES), st.data())
    def test_of_flat_files_gives_edi_errors_alone(self, name: str, draw: st.DataObject) -> None:
        data = bytearray((FOLDER / name).read_bytes())
        for _ in range(draw.draw(st.integers(1, 6))):
            index = draw.draw(st.integers(0, len(data) - 1))
            data[index : index + draw.draw(st.integers(0, 4))] = draw.draw(st.binary(max_size=3))

        with contextlib.suppress(EdiError):
            file = read_flat(bytes(data))
            for document in file.documents:
                assert (document.transaction is None) == bool(document.faults)

    @MANY
    @given(st.binary(max_size=60), st.sampled_from([b"", b"H~", b"SH|", b"H~1~867_03\nL~"]))
    def test_of_anything_gives_edi_errors_alone(self, data: bytes, start: bytes) -> None:
        with contextlib.suppress(EdiError):
            read_flat(start + data)


class TestGuideTable:
    """The tables decide: with two positions swapped the same file says something else."""

    @pytest.mark.parametrize(("one", "other"), [("5", "6"), ("3", "5"), ("4", "7")])
    def test_swapped_in_two_positions_reads_other_values(self, one: str, other: str) -> None:
        found = sets_of("monthly.edi")[0]
        table = copy.deepcopy(tables.load_table("867_03"))
        elements = self._measurement(table)
        elements[one], elements[other] = elements[other], elements[one]

        swapped = compile_guide(table, MonthlyUsage)

        found_values = None
        with contextlib.suppress(EdiError):
            found_values = read_segments(swapped, found.segments)
        assert found_values != usage_of("monthly.edi")

    def _measurement(self, table: tables.Table) -> tables.Table:
        nodes = table["segments"]
        for tag in ("PTD", "QTY", "MEA"):
            assert isinstance(nodes, list)
            node = next(each for each in nodes if isinstance(each, dict) and each["segment"] == tag)
            nodes = node.get("children", [])
        elements = node["elements"]
        assert isinstance(elements, dict)
        return elements

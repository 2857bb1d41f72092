"""A product catalogue in memory, and importing books."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from ossrep.customer.usecases.import_book import ImportResult, import_book
from ossrep.infra.services import standing_in
from ossrep.published.product import ProductService
from tests.factories.customer_book import Cells, a_catalogue, write_book
from tests.fakes.product import FakeProductService

AS_OF = dt.date(2026, 11, 24)


class ImportRecords(Protocol):
    """Writes records to a folder of CSV files and imports it."""

    def __call__(
        self, records: Mapping[str, Sequence[Cells]], *, rows_per_batch: int = 5_000
    ) -> ImportResult: ...


@pytest.fixture
def product() -> Iterator[FakeProductService]:
    """Stands in for context ``product``."""
    fake = a_catalogue()
    with standing_in(ProductService, fake):
        yield fake


@pytest.fixture
def import_records(product: FakeProductService, tmp_path: Path) -> ImportRecords:
    """Imports records as a retailer would bring them."""

    def run(records: Mapping[str, Sequence[Cells]], *, rows_per_batch: int = 5_000) -> ImportResult:
        folder = write_book(tmp_path / f"book{len(list(tmp_path.iterdir()))}", records)
        return import_book(paths=[folder], as_of=AS_OF, rows_per_batch=rows_per_batch)

    return run

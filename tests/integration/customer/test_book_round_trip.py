"""What is exported imports into an empty database and exports the same again."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from ossrep.customer.db import rows
from ossrep.customer.files.book_writing import export_book
from ossrep.customer.models import Contract, Customer, OutboxEvent
from ossrep.customer.queries.book import one_moment
from ossrep.customer.usecases.import_book import import_book
from ossrep.infra import database
from ossrep.infra.invariants import assert_invariants
from ossrep.infra.services import standing_in
from ossrep.published.product import ProductService
from tests.factories.customer_book import Cells, a_catalogue, cells, write_book
from tests.integration.customer.conftest import AS_OF

SHAPES = ["book", "book.zip", "book.jsonl"]


@pytest.fixture
def catalogue() -> Iterator[None]:
    """Stands in for context ``product``."""
    with standing_in(ProductService, a_catalogue()):
        yield


def a_varied_book() -> dict[str, list[Cells]]:
    """Every kind, with the odd cells that books have."""
    ended = {"status": "ended", "end_date": "2026-06-01", "end_reason": "plan_change"}
    same = {"account_number": "A1", "premises_number": "P1"}
    nameless = cells("customer", 2, first_name="", last_name="")
    return {
        "customer": [
            cells("customer", 1, first_name="", last_name='O\'Neil, "Zoë"'),
            {**nameless, "type": "business", "business_name": "=2+3"},
        ],
        "account": [
            cells("account", 1, delivery="email", email="a@example.com", language="es"),
            cells("account", 2, nickname="- head office", bill_to_name="'quoted'"),
            cells("account", 3, customer_number="C2", parent_account_number="A2"),
        ],
        "contact": [cells("contact"), cells("contact", 2, account_number="A3", phone="@home")],
        "premises": [cells("premises"), cells("premises", 2, service_line2="Apt 2, rear")],
        "meter": [cells("meter", removed_date="2026-02-01"), cells("meter", 2)],
        "contract": [
            cells("contract", 1, **ended),
            cells("contract", 2, start_date="2026-06-01", term_end_date="", **same),
            cells("contract", 3, premises_number="P2", status="pending", signed_date=""),
            cells("contract", 4, status="cancelled", **same),
        ],
        "certificate": [cells("certificate", to_date="2027-01-01"), cells("certificate", 2)],
    }


def contents(path: Path) -> dict[str, str]:
    if path.is_dir():
        return {file.name: file.read_text() for file in sorted(path.iterdir())}
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name).decode() for name in archive.namelist()}
    return {"lines": path.read_text()}


class TestExportBook:
    @pytest.mark.django_db(databases="__all__")
    @pytest.mark.parametrize("shape", SHAPES)
    def test_is_taken_back_without_a_change(
        self, shape: str, tmp_path: Path, catalogue: None
    ) -> None:
        import_book(paths=[write_book(tmp_path / "in", a_varied_book())], as_of=AS_OF)
        before = OutboxEvent.objects.count()

        counts = export_book(to=tmp_path / shape)
        result = import_book(paths=[tmp_path / shape], as_of=AS_OF)

        assert dict(counts) == {kind: len(found) for kind, found in a_varied_book().items()}
        assert {k: c.unchanged for k, c in result.counts.items()} == counts
        assert result.refused == 0
        assert OutboxEvent.objects.count() == before

    @pytest.mark.django_db(databases="__all__")
    def test_guards_cells_that_begin_like_a_formula(self, tmp_path: Path, catalogue: None) -> None:
        import_book(paths=[write_book(tmp_path / "in", a_varied_book())], as_of=AS_OF)

        export_book(to=tmp_path / "out")

        out = contents(tmp_path / "out")
        assert "'=2+3" in out["customers.csv"]
        assert "'- head office" in out["accounts.csv"]
        assert "''quoted'" in out["accounts.csv"]
        assert "'@home" in out["contacts.csv"]

    @pytest.mark.django_db(databases="__all__")
    def test_leaves_no_part_behind_when_it_fails(self, tmp_path: Path) -> None:
        class Broken(type(a_catalogue())):  # type: ignore[misc]
            def get_plan_versions(self, **_: Any) -> Any:
                raise RuntimeError("product is away")

        with standing_in(ProductService, a_catalogue()):
            import_book(paths=[write_book(tmp_path / "in", a_varied_book())], as_of=AS_OF)
        target = tmp_path / "book.jsonl"
        broken = Broken(**vars(a_catalogue()))

        with standing_in(ProductService, broken), pytest.raises(RuntimeError):
            export_book(to=target)

        assert [path.name for path in tmp_path.iterdir()] == ["in"]

    @pytest.mark.parametrize("shape", SHAPES)
    def test_is_the_same_from_a_database_it_was_imported_into(
        self, shape: str, tmp_path: Path, catalogue: None, fresh_database: str
    ) -> None:
        import_book(paths=[write_book(tmp_path / "in", a_varied_book())], as_of=AS_OF)
        first = tmp_path / f"first-{shape}"
        export_book(to=first)
        self.empty()

        import_book(paths=[self.named(first, shape)], as_of=AS_OF)
        export_book(to=tmp_path / f"second-{shape}")

        assert Contract.objects.count() == 4
        assert contents(tmp_path / f"second-{shape}") == contents(tmp_path / shape)
        assert_invariants(contexts=["customer"])

    def test_reads_one_moment_by_command_and_writes_again_after(
        self, tmp_path: Path, catalogue: None, fresh_database: str
    ) -> None:
        import_book(paths=[write_book(tmp_path / "in", a_varied_book())], as_of=AS_OF)

        call_command("customer", "export", str(tmp_path / "out"), "--reason", "monthly copy")

        with one_moment():
            [[level]] = rows("SHOW transaction_isolation")
            [[read_only]] = rows("SHOW transaction_read_only")
        assert (level, read_only) == ("repeatable read", "on")
        assert rows("SHOW transaction_isolation") == [("read committed",)]
        assert Customer.objects.update(first_name="") == 2
        assert (tmp_path / "out" / "contracts.csv").exists()

    def named(self, path: Path, shape: str) -> Path:
        return path.rename(path.with_name(shape))

    def empty(self) -> None:
        entry = settings.DATABASES["customer"]
        with database.superuser_connection(entry, dbname=entry["NAME"]) as server:
            server.execute(
                "TRUNCATE customer.enrollment, customer.move_out, customer.login, "
                "customer.login_account, customer.contact_consent, "
                "customer.customer, customer.account, customer.contact, "
                "customer.premises, customer.meter, customer.contract, "
                "customer.contract_status_change, customer.exemption_certificate, "
                "customer.quarantined_row, customer.import_run RESTART IDENTITY CASCADE"
            )
        assert Customer.objects.count() == 0


@pytest.mark.django_db(databases="__all__")
class TestCommands:
    def test_import_and_export_tell_counts(
        self, tmp_path: Path, catalogue: None, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = write_book(tmp_path / "in", a_varied_book())

        call_command("customer", "import", str(folder), "--as-of", "2026-11-24", "--json")
        call_command("customer", "export", str(tmp_path / "out.zip"))

        lines = capsys.readouterr().out.splitlines()
        told = next(line for line in lines if line.startswith('{"run"'))
        assert '"refused": 0' in told
        assert '"account": {"created": 3, "changed": 0, "unchanged": 0, "refused": 0}' in told
        assert "contract\t4" in lines

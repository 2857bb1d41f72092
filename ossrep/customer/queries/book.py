"""The records of the database as a customer book has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from ossrep.customer.db import connection, rows, run, transaction
from ossrep.customer.domain import records
from ossrep.customer.domain.records import Kind
from ossrep.infra.services import resolve
from ossrep.kernel.identifiers import BrandId, PlanVersionId
from ossrep.published.product import ProductService

Record = tuple[str, ...]

# The columns stand in the order of the kind's own; brand and plan come as ids.
_QUERIES: Final[dict[str, str]] = {
    "customer": "SELECT number, type, first_name, last_name, business_name FROM customer",
    "account": """
        SELECT t.number, c.number, t.brand_id, t.customer_class, p.number, t.nickname,
               t.bill_to_name, t.mailing_line1, t.mailing_line2, t.mailing_city, t.mailing_state,
               t.mailing_zip, t.delivery, t.email, t.language
        FROM account t JOIN customer c ON c.id = t.customer_id LEFT JOIN account p
             ON p.id = t.parent_id""",
    "contact": """
        SELECT t.number, c.number, a.number, t.role, t.name, t.email, t.phone
        FROM contact t JOIN customer c ON c.id = t.customer_id LEFT JOIN account a
             ON a.id = t.account_id""",
    "premises": """
        SELECT number, esi_id, tdsp_code, read_cycle, rate_class, service_line1, service_line2,
               service_city, service_state, service_zip, county, tax_place
        FROM premises""",
    "meter": """
        SELECT p.number, t.number, t.installed_date, t.removed_date
        FROM meter t JOIN premises p ON p.id = t.premises_id""",
    "contract": """
        SELECT t.number, a.number, p.number, t.plan_version_id, t.plan_version_id, t.status,
               t.start_date, t.end_date, t.term_end_date, t.signed_date, t.end_reason
        FROM contract t JOIN account a ON a.id = t.account_id
             JOIN premises p ON p.id = t.premises_id""",
    "certificate": """
        SELECT t.number, a.number, p.number, t.exemption, t.from_date, t.to_date
        FROM exemption_certificate t JOIN account a ON a.id = t.account_id
             LEFT JOIN premises p ON p.id = t.premises_id""",
}


@contextmanager
def one_moment() -> Iterator[None]:
    """Within it all reads see the book of one moment."""
    if connection().in_atomic_block:
        yield
        return
    # Said of the session, since a transaction may have told its history context first.
    run("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    try:
        with transaction():
            yield
    finally:
        run("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE")


def read_records(kind: Kind) -> Iterator[Record]:
    """All records of a kind as texts in the order of its columns, sorted by number; streamed."""
    codes = _codes(kind)
    names = ", ".join(f"c{index}" for index, _ in enumerate(kind.columns))
    copy_out = (
        f"COPY (SELECT * FROM ({_QUERIES[kind.name]}) AS book ({names}) "  # noqa: S608
        'ORDER BY c0 COLLATE "C", c1 COLLATE "C") TO STDOUT'
    )
    with connection().cursor() as cursor, cursor.copy(copy_out) as copy:
        for row in copy.rows():
            cells = [cell or "" for cell in row]
            for index, code in codes.items():
                cells[index] = code[cells[index]]
            yield tuple(cells)


def _codes(kind: Kind) -> Mapping[int, Mapping[str, str]]:
    """Column index to the code that each id in it stands for; one published call."""
    product = resolve(ProductService)
    names = list(kind.columns)
    if kind is records.ACCOUNT:
        brand_ids = [BrandId(row[0]) for row in rows("SELECT DISTINCT brand_id FROM account")]
        brands = product.get_brands(brand_ids=brand_ids)
        return {names.index("brand"): _by_text(brands, lambda brand: brand.code)}
    if kind is records.CONTRACT:
        found = rows("SELECT DISTINCT plan_version_id FROM contract")
        version_ids = [PlanVersionId(row[0]) for row in found]
        plans = product.get_plan_versions(plan_version_ids=version_ids)
        return {
            names.index("plan"): _by_text(plans, lambda plan: plan.plan_code),
            names.index("plan_version"): _by_text(plans, lambda plan: str(plan.version)),
        }
    return {}


def _by_text(found: Mapping[Any, Any], code: Callable[[Any], str]) -> dict[str, str]:
    return {str(id_): code(value) for id_, value in found.items()}

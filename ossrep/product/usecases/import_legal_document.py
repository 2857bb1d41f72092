"""Takes a brand's terms of service or rights of customers into the book."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ossrep.kernel.errors import DomainError
from ossrep.product.db import transaction
from ossrep.product.models import Brand, LegalDocument, Plan
from ossrep.product.models.legal_document import KINDS, LANGUAGES

BYTES_MAX = 5_000_000
_PDF = b"%PDF-"


class DocumentRefused(DomainError):
    """Not a PDF, too large, or for a brand or plan that is not there."""

    code = "document_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentOrder:
    """What a file is: ``plan_code`` empty for all plans of the brand."""

    path: Path
    brand_code: str
    kind: str
    version: str
    language: str = "en"
    plan_code: str = ""


def import_legal_document(*, order: DocumentOrder) -> bool:
    """True when the document is new; the newest one again changes nothing.

    Raises DocumentRefused, with the file or the name that is wrong.
    """
    _check_words(order)
    content = _read(order.path)
    digest = hashlib.sha256(content).hexdigest()
    with transaction():
        brand = Brand.objects.select_for_update().filter(code=order.brand_code).first()
        if brand is None:
            raise DocumentRefused("no brand has this code", where=order.brand_code)
        plan = _plan(order, brand)
        same = {"brand": brand, "plan": plan, "kind": order.kind, "language": order.language}
        newest = LegalDocument.objects.filter(**same).order_by("-id").first()
        if newest is not None and (newest.sha256, newest.version) == (digest, order.version):
            return False
        LegalDocument.objects.create(
            **same,
            version=order.version,
            file_name=order.path.name[:200],
            sha256=digest,
            content=content,
        )
    return True


def _check_words(order: DocumentOrder) -> None:
    for name, value, known in (
        ("kind", order.kind, KINDS),
        ("language", order.language, LANGUAGES),
    ):
        if value not in dict(known):
            raise DocumentRefused(f"{name} is one of: {', '.join(dict(known))}", where=value)
    if not 0 < len(order.version) <= 60:
        raise DocumentRefused("the version has 1 to 60 characters", where=order.version[:60])


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise DocumentRefused(f"cannot be read: {error.strerror}", where=str(path)) from error
    if len(content) > BYTES_MAX:
        raise DocumentRefused(f"a document has at most {BYTES_MAX:,} bytes", where=str(path))
    if not content.startswith(_PDF):
        raise DocumentRefused("this is not a PDF", where=str(path))
    return content


def _plan(order: DocumentOrder, brand: Brand) -> Plan | None:
    if not order.plan_code:
        return None
    plan = Plan.objects.filter(code=order.plan_code, brand=brand).first()
    if plan is None:
        raise DocumentRefused(f"brand {brand.code} has no such plan", where=order.plan_code)
    return plan

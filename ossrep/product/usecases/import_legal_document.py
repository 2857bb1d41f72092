"""Takes a brand's terms of service or rights of customers into the book: a PDF, or its text."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.db.models import QuerySet

from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.product.db import transaction
from ossrep.product.documents.legal_document_pdf import legal_document_pdf
from ossrep.product.domain.legal_text import read_legal_text
from ossrep.product.models import Brand, LegalDocument, Plan
from ossrep.product.models.legal_document import KINDS, LANGUAGES

BYTES_MAX = 5_000_000
_PDF = b"%PDF-"


class DocumentRefused(DomainError):
    """Not a document, too large, for a brand or plan that is not there, or a version used up."""

    code = "document_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentOrder:
    """What a document is: ``plan_code`` empty for all plans of the brand.

    ``content`` is a PDF, or UTF-8 text (``domain.legal_text``) that is set as one.
    """

    content: bytes
    file_name: str
    brand_code: str
    kind: str
    version: str
    language: str = "en"
    plan_code: str = ""


def read_document(path: Path) -> bytes:
    """The file's bytes. Raises DocumentRefused."""
    try:
        with path.open("rb") as file:
            return file.read(BYTES_MAX + 1)
    except OSError as error:
        raise DocumentRefused(f"cannot be read: {error.strerror}", where=str(path)) from error


def check_legal_document(*, order: DocumentOrder) -> None:
    """What ``import_legal_document`` would raise; nothing is written."""
    _check_words(order)
    with transaction():
        _prepared(order)


def import_legal_document(*, order: DocumentOrder) -> LegalDocument | None:
    """The new document; None where the newest one is the same.

    Raises DocumentRefused or LegalTextInvalid, with the file or the name that is wrong. Customers
    were given the version by its name, so another content needs another version.
    """
    _check_words(order)
    with transaction():
        document = _prepared(order)
        newest = _alike(document).order_by("-id").first()
        if newest is not None and newest.version == order.version:
            return None
        document.save()
    return document


def _prepared(order: DocumentOrder) -> LegalDocument:
    brand = Brand.objects.select_for_update().filter(code=order.brand_code).first()
    if brand is None:
        raise DocumentRefused("no brand has this code", where=order.brand_code)
    text, content = _content(order, brand)
    document = LegalDocument(
        brand=brand,
        plan=_plan(order, brand),
        kind=order.kind,
        language=order.language,
        version=order.version,
        file_name=order.file_name[:200],
        sha256=hashlib.sha256(text.encode() or content).hexdigest(),
        text=text,
        content=content,
    )
    if _alike(document).filter(version=order.version).exclude(sha256=document.sha256).exists():
        raise DocumentRefused(
            "this version was given out with another content; name the new one otherwise",
            where=order.version,
        )
    return document


def _alike(document: LegalDocument) -> QuerySet[LegalDocument]:
    return LegalDocument.objects.filter(
        brand=document.brand, plan=document.plan, kind=document.kind, language=document.language
    )


def _check_words(order: DocumentOrder) -> None:
    for name, value, known in (
        ("kind", order.kind, KINDS),
        ("language", order.language, LANGUAGES),
    ):
        if value not in dict(known):
            raise DocumentRefused(f"{name} is one of: {', '.join(dict(known))}", where=value)
    if not 0 < len(order.version) <= 60:
        raise DocumentRefused("the version has 1 to 60 characters", where=order.version[:60])
    if len(order.content) > BYTES_MAX:
        raise DocumentRefused(f"a document has at most {BYTES_MAX:,} bytes", where=order.file_name)


def _content(order: DocumentOrder, brand: Brand) -> tuple[str, bytes]:
    """The text, empty for a document that came as PDF, and the PDF."""
    if order.content.startswith(_PDF):
        return "", order.content
    try:
        text = order.content.decode()
    except UnicodeDecodeError as error:
        raise DocumentRefused("this is neither a PDF nor text", where=order.file_name) from error
    pdf = legal_document_pdf(
        brand=brand,
        blocks=read_legal_text(text=text, where=order.file_name),
        version=order.version,
        language=order.language,
        date=clock.market_today(),
    )
    return text, pdf


def _plan(order: DocumentOrder, brand: Brand) -> Plan | None:
    if not order.plan_code:
        return None
    plan = Plan.objects.filter(code=order.plan_code, brand=brand).first()
    if plan is None:
        raise DocumentRefused(f"brand {brand.code} has no such plan", where=order.plan_code)
    return plan

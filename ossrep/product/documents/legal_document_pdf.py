"""Terms of service and rights of customers, set from their text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from ossrep.infra.typst_pages import pdf_of
from ossrep.product.documents.brand import brand_data
from ossrep.product.domain.legal_text import Block
from ossrep.product.models import Brand

_TEMPLATE = Path(__file__).with_name("legal_document.typ")
_VERSION = {"en": "Version", "es": "Versión"}


def legal_document_pdf(
    *, brand: Brand, blocks: Sequence[Block], version: str, language: str, date: dt.date
) -> bytes:
    """The pages under the brand's name and contact; ``blocks`` begin with the title."""
    data = {
        "title": blocks[0].text,
        "version": f"{_VERSION[language]} {version}",
        "language": language,
        "blocks": [{"kind": block.kind, "text": block.text} for block in blocks[1:]],
        "brand": brand_data(brand),
    }
    return pdf_of(template=_TEMPLATE, function="document_pages", data=data, date=date)

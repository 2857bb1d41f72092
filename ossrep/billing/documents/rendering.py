"""Invoices to PDF: one compiler, reused; the same data gives the same bytes."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import typst

from ossrep.billing.documents.content import InvoiceDocument
from ossrep.billing.documents.layout import template_data
from ossrep.kernel.errors import DomainError

FONT_PACKAGE = "font_source_sans_pro"
FONT_FILES = ("SourceSansPro-Regular.otf", "SourceSansPro-Bold.otf")
_TEMPLATE = Path(__file__).with_name("invoice.typ")


class FontsMissing(DomainError):
    """The package with the invoice's fonts is not installed."""

    code = "fonts_missing"


@lru_cache(maxsize=1)
def _font_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder with just the fonts the page uses, gone when this process ends.

    The package has each font in two formats, and which of two a search finds first differs from
    machine to machine; so would the bytes.
    """
    spec = find_spec(FONT_PACKAGE)
    if spec is None or spec.origin is None:
        raise FontsMissing("install the locked requirements", where=FONT_PACKAGE)
    folder = tempfile.TemporaryDirectory(prefix="invoice-fonts-")
    for name in FONT_FILES:
        shutil.copy(Path(spec.origin).parent / "files" / name, folder.name)
    return folder


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    """Knows the shipped fonts only: a page must not depend on what a machine has installed."""
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[_font_folder().name],
    )
    return typst.Compiler(root=_TEMPLATE.parent, font_paths=fonts, ignore_system_fonts=True)


def invoice_pdf(document: InvoiceDocument) -> bytes:
    """The PDF of an invoice; its time stamp is the issue date, so its bytes can be made again."""
    issued = dt.datetime.combine(document.issue_date, dt.time(12), dt.UTC)
    pdf = _compiler().compile(_source(document), format="pdf", timestamp=issued)
    assert isinstance(pdf, bytes)
    return pdf


def _source(document: InvoiceDocument) -> bytes:
    """Calls the template with the data as a string, which JSON keeps on one line.

    Data in ``sys.inputs`` would be a new standard library for each page, and nothing that was
    laid out before could be used again.
    """
    data = json.dumps(template_data(document), ensure_ascii=False)
    literal = data.replace("\\", "\\\\").replace('"', '\\"')
    return f'#import "{_TEMPLATE.name}": invoice\n#invoice(json(bytes("{literal}")))'.encode()

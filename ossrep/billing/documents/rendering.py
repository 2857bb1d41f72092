"""Invoices to PDF: one compiler, reused; the same data gives the same bytes."""

from __future__ import annotations

import datetime as dt
import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import typst

from ossrep.billing.documents.content import InvoiceDocument
from ossrep.billing.documents.layout import template_data

_TEMPLATE = Path(__file__).with_name("invoice.typ")


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The shipped fonts only: a page must not depend on what a machine has installed."""
    spec = find_spec("font_source_sans_pro")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package font-source-sans-pro is not installed")
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[Path(spec.origin).parent / "files"],
    )


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(
        _TEMPLATE, root=_TEMPLATE.parent, font_paths=_fonts(), ignore_system_fonts=True
    )


def invoice_pdf(document: InvoiceDocument) -> bytes:
    """The PDF of an invoice; its time stamp is the issue date, so its bytes can be made again."""
    issued = dt.datetime.combine(document.issue_date, dt.time(12), dt.UTC)
    data = json.dumps(template_data(document), ensure_ascii=False)
    pdf = _compiler().compile(format="pdf", sys_inputs={"invoice": data}, timestamp=issued)
    assert isinstance(pdf, bytes)
    return pdf

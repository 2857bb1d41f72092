"""``manage.py product import-document``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ossrep.infra.commands import OssrepCommand
from ossrep.product.models.legal_document import KINDS, LANGUAGES
from ossrep.product.usecases.import_legal_document import (
    DocumentOrder,
    import_legal_document,
    read_document,
)

HELP = "Takes a brand's terms of service (tos) or rights of customers (yrac): a PDF, or text."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--brand", required=True, metavar="CODE")
    parser.add_argument("--kind", required=True, choices=list(dict(KINDS)))
    parser.add_argument(
        "--document-version", required=True, metavar="TEXT", help="what the document calls itself"
    )
    parser.add_argument("--language", default="en", choices=list(dict(LANGUAGES)))
    parser.add_argument(
        "--plan", default="", metavar="CODE", help="for this plan only; default: all of the brand"
    )


def handle(options: Namespace, out: OssrepCommand) -> None:
    order = DocumentOrder(
        content=read_document(options.file),
        file_name=options.file.name,
        brand_code=options.brand,
        kind=options.kind,
        version=options.document_version,
        language=options.language,
        plan_code=options.plan,
    )
    is_new = import_legal_document(order=order)
    out.stdout.write(f"{options.file}: {'taken' if is_new else 'was there already'}")

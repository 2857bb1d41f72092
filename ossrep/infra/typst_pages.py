"""Typst templates to PDF: one compiler for each, reused; the same data gives the same bytes."""

from __future__ import annotations

import atexit
import datetime as dt
import json
import os
import shutil
import tempfile
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst

from ossrep.kernel.errors import DomainError

FONT_PACKAGE = "font_source_sans_pro"
FONT_FILES = ("SourceSansPro-Regular.otf", "SourceSansPro-Bold.otf")


class FontsMissing(DomainError):
    """The package with the documents' fonts is not installed."""

    code = "fonts_missing"


@lru_cache(maxsize=1)
def _font_folder() -> Path:
    """A folder with just the fonts the pages use, gone when this process ends.

    The package has each font in two formats, and which of two a search finds first differs from
    machine to machine; so would the bytes.
    """
    spec = find_spec(FONT_PACKAGE)
    if spec is None or spec.origin is None:
        raise FontsMissing("install the locked requirements", where=FONT_PACKAGE)
    folder = Path(tempfile.mkdtemp(prefix="document-fonts-"))
    atexit.register(_remove, folder, os.getpid())
    for name in FONT_FILES:
        shutil.copy(Path(spec.origin).parent / "files" / name, folder)
    return folder


def _remove(folder: Path, made_by: int) -> None:
    # A forked child leaves to its parent what the parent made.
    if os.getpid() == made_by:
        shutil.rmtree(folder, ignore_errors=True)


@lru_cache(maxsize=8)
def _compiler(folder: Path) -> typst.Compiler:
    """Knows the shipped fonts only: a page must not depend on what a machine has installed."""
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[_font_folder()],
    )
    return typst.Compiler(root=folder, font_paths=fonts, ignore_system_fonts=True)


def pdf_of(*, template: Path, function: str, data: Any, date: dt.date) -> bytes:
    """Calls a function of the template with the data (JSON-ready); the time stamp is ``date``."""
    stamp = dt.datetime.combine(date, dt.time(12), dt.UTC)
    source = _source(template.name, function, data)
    pdf = _compiler(template.parent).compile(source, format="pdf", timestamp=stamp)
    assert isinstance(pdf, bytes)
    return pdf


def _source(name: str, function: str, data: Any) -> bytes:
    """Calls the template with the data as a string, which JSON keeps on one line.

    Data in ``sys.inputs`` would be a new standard library for each page, and nothing that was
    laid out before could be used again.
    """
    text = json.dumps(data, ensure_ascii=False)
    literal = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'#import "{name}": {function}\n#{function}(json(bytes("{literal}")))'.encode()

"""Answers that are files: the bytes as they are, and problems as everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ossrep.infra.web.json_bodies import CamelJsonRenderer


class FileRenderer(CamelJsonRenderer):
    """Subclasses say ``media_type`` and ``format``; a view answers with bytes."""

    charset: str | None = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The file, or the problem that is answered in its place."""
        if isinstance(data, bytes):
            return data
        return super().render(data, accepted_media_type, renderer_context)


class PdfRenderer(FileRenderer):
    """A PDF."""

    media_type = "application/pdf"
    format = "pdf"


def attachment(name: str) -> dict[str, str]:
    """The header that names the file; ``name`` is ASCII without quotes."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}

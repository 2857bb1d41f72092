"""Where somebody wants to buy: a ZIP, a TDSP, or both."""

from __future__ import annotations

import re

from rest_framework.request import Request

ZIP_PATTERN = re.compile(r"[0-9]{5}")


def tdsp_parameter(request: Request) -> str:
    """``tdsp`` in capitals; empty where it is not given."""
    return str(request.query_params.get("tdsp", "")).strip().upper()


def zip_parameter(request: Request) -> str:
    """The first five digits of ``zip`` (ZIP+4 is taken); empty where it is not given."""
    text = str(request.query_params.get("zip", "")).strip()
    return text[:5] if re.fullmatch(r"[0-9]{5}-[0-9]{4}", text) else text

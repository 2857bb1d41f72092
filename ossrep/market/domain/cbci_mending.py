"""What to mend in the customer's book where a billing contact record is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent.parent / "data" / "cbci.yaml"


def what_to_mend(field_name: str, /) -> str:
    """In words; for a field that the table does not know, the general entry with its name."""
    known = _fields()
    if field_name in known:
        return known[field_name]
    return f"{known['*']} ({field_name or 'none named'})"


@cache
def _fields() -> Mapping[str, str]:
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: entry["mend"] for name, entry in data["fields"].items()}

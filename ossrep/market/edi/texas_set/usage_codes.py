"""What the codes of usage mean, asked of ``guides/codes_867.yaml``; unknown ones mean nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml

Entry = Mapping[str, str]
_FILE = Path(__file__).parents[1] / "guides" / "codes_867.yaml"
_NOTHING: Entry = {}


@lru_cache(maxsize=1)
def usage_codes() -> Mapping[str, Mapping[str, Entry]]:
    """The table: list name (``roles``) to code to what is known of it (read-only)."""
    loaded: Mapping[str, Mapping[str, Entry]] = yaml.load(
        _FILE.read_bytes(),
        yaml.CBaseLoader,  # noqa: S506  only text comes out
    )
    return loaded


def find_code(code_list: str, code: str) -> Entry | None:
    """What is known of a code, or None."""
    return usage_codes()[code_list].get(code)


def code_name(code_list: str, code: str) -> str:
    """The name of a code, else the code itself."""
    return (find_code(code_list, code) or _NOTHING).get("name", code)


def is_known(code_list: str, code: str) -> bool:
    """Whether the table has the code."""
    return code in usage_codes()[code_list]


def is_marked(code_list: str, code: str, mark: str) -> bool:
    """Whether the table says ``mark: yes`` of the code."""
    return (find_code(code_list, code) or _NOTHING).get(mark) == "yes"


def is_estimated_quantity(qualifier: str) -> bool:
    """Whether QTY01 says that the quantity is estimated."""
    return is_marked("quantities", qualifier, "estimated")


def has_estimated_end(quality: str) -> bool:
    """Whether MEA01 says that the end read is estimated."""
    return (find_code("qualities", quality) or _NOTHING).get("end") == "ESTIMATE"


def role_sign(role: str) -> int | None:
    """1, -1 or 0: what a meter of this role does to consumption; additive where none is named.

    None for a role that the table does not know.
    """
    if not role:
        return 1
    entry = find_code("roles", role)
    return None if entry is None else int(entry["sign"])


def total_time_of_use() -> str:
    """The code of the total over all times of use (51)."""
    codes = usage_codes()["times_of_use"]
    return next(code for code, entry in codes.items() if entry.get("total") == "yes")

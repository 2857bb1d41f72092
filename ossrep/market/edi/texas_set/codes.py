"""Lists of codes beside the guide tables: what each means, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import cast

from ossrep.market.edi.texas_set.guide.tables import load_file

Entry = Mapping[str, str]
_NOTHING: Entry = {}


@lru_cache(maxsize=8)
def code_lists(file: str) -> Mapping[str, Mapping[str, Entry]]:
    """A file of ``guides/``: list name to code to what is known of it (read-only)."""
    return cast("Mapping[str, Mapping[str, Entry]]", load_file(file))


def find_code(file: str, code_list: str, code: str) -> Entry | None:
    """What is known of a code, or None."""
    return code_lists(file)[code_list].get(code)


def is_marked(file: str, code_list: str, code: str, mark: str) -> bool:
    """Whether the table says ``mark: yes`` of the code."""
    return (find_code(file, code_list, code) or _NOTHING).get(mark) == "yes"

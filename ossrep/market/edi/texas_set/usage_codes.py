"""What the codes of usage mean, asked of ``guides/codes_867.yaml``; unknown ones mean nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ossrep.market.edi.texas_set.codes import Entry, code_lists, find_code, is_marked

_FILE: Final = "codes_867.yaml"
_ESTIMATED: Final = "ESTIMATE"


def usage_codes() -> Mapping[str, Mapping[str, Entry]]:
    """The table: list name (``roles``) to code to what is known of it (read-only)."""
    return code_lists(_FILE)


def code_name(code_list: str, code: str) -> str:
    """The name of a code, else the code itself."""
    entry = find_code(_FILE, code_list, code)
    return code if entry is None else entry.get("name", code)


def is_known(code_list: str, code: str) -> bool:
    """Whether the table has the code."""
    return code in usage_codes()[code_list]


def is_estimated_quantity(qualifier: str) -> bool:
    """Whether QTY01 says that the quantity is estimated."""
    return is_marked(_FILE, "quantities", qualifier, "estimated")


def has_estimated_end(quality: str) -> bool:
    """Whether MEA01 says that the end read is estimated."""
    entry = find_code(_FILE, "qualities", quality)
    return entry is not None and entry["end"] == _ESTIMATED


def role_sign(role: str) -> int | None:
    """1, -1 or 0: what a meter of this role does to consumption; additive where none is named.

    None for a role that the table does not know.
    """
    if not role:
        return 1
    entry = find_code(_FILE, "roles", role)
    return None if entry is None else int(entry["sign"])


def is_export(role: str) -> bool:
    """Whether the meter's quantity is what the customer sends to the grid (RMG 7.14.4)."""
    return is_marked(_FILE, "roles", role, "export")


def adds_up(unit: str) -> bool:
    """Whether quantities of this unit add up over meters and times of use; demands do not."""
    return is_marked(_FILE, "units", unit, "adds_up")


def is_energy(unit: str) -> bool:
    """Whether the unit is the kWh."""
    return is_marked(_FILE, "units", unit, "energy")


def is_demand(unit: str) -> bool:
    """Whether the unit is the kW."""
    return is_marked(_FILE, "units", unit, "demand")


def is_final(action: str) -> bool:
    """Whether BPT07 says that this is the last usage for the retailer."""
    entry = find_code(_FILE, "actions", action)
    return entry is not None and entry["name"] == "final"


def purpose_name(purpose: str) -> str:
    """``original``, ``cancel``, ``replace``, ..., else the code itself."""
    return code_name("purposes", purpose)


def is_total_time_of_use(code: str) -> bool:
    """Whether MEA07 is the total over all times of use (51)."""
    return is_marked(_FILE, "times_of_use", code, "total")

"""``partners.yaml`` of a simulated market: what ``manage.py market partners import`` needs."""

from __future__ import annotations

import json
from pathlib import Path

from ossrep.market.simulator import tables
from ossrep.market.simulator.folders import FROM_MARKET, TO_MARKET
from ossrep.market.simulator.settings import MarketSettings

PARTNERS_FILE = "partners.yaml"
TAKEN = "taken"
_HEAD = """\
# ERCOT and the TDSPs as this simulated market plays them, and the retailer that it expects:
# manage.py market partners import {path}
"""


def write_partners(*, folder: Path, settings: MarketSettings) -> None:
    """Writes the file where it is missing; the channels are folders of this market."""
    path = folder / PARTNERS_FILE
    if path.exists():
        return
    test = "T" if settings.is_test else ""
    words = {
        "channels": [_channel(folder.resolve(), player) for player in tables.players()],
        "us": [
            {
                "duns": settings.retailer_duns,
                "name": settings.retailer_name,
                "isa_id": settings.retailer_duns + test,
                "gs_id": settings.retailer_duns,
                "default": True,
            }
        ],
        "partners": [
            {
                "code": code,
                "name": player.name,
                "duns": player.duns,
                "channel": _channel_code(code),
                "isa_id": player.isa + test,
                "gs_id": player.duns,
                "test_only": settings.is_test,
                "confidence": "general",
                "source": "simulated market",
            }
            for code, player in tables.players().items()
        ],
    }
    # JSON is YAML in which every text is quoted: 007924772 stays what it is.
    text = _HEAD.format(path=path) + json.dumps(words, indent=1) + "\n"
    path.write_text(text, encoding="utf-8")


def _channel_code(player: str) -> str:
    return f"sim-{player.lower().replace('_', '-')}"


def _channel(folder: Path, player: str) -> dict[str, object]:
    return {
        "code": _channel_code(player),
        "transport": "folder",
        "settings": {
            "outgoing": str(folder / player / TO_MARKET),
            "incoming": str(folder / player / FROM_MARKET),
            "done": str(folder / player / FROM_MARKET / TAKEN),
        },
    }

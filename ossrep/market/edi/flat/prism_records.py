"""The Prism records of usage by what they are; their fields stand in ``guides/prism.yaml``."""

from __future__ import annotations

from typing import Final

SUMMARY, SUMMARY_QUANTITY, SUMMARY_MEASURE = "07", "08", "09"
METER, METER_QUANTITY = "15", "16"
STREAMS: Final = {"10": "11", "17": "18"}
"""Records of interval loops, with those of their intervals."""
INITIAL, INITIAL_READ = "30", "35"

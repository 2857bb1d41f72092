"""Every named edge case, for the reference and for whatever is compared with it."""

from __future__ import annotations

from tests.oracle import (
    edge_bands,
    edge_components,
    edge_delivery,
    edge_free_index,
    edge_places,
    edge_refusals,
    edge_solar,
    edge_taxes,
    edge_time,
)
from tests.oracle.edge_case import EdgeCase

EDGE_CASES: tuple[EdgeCase, ...] = (
    *edge_components.EDGES,
    *edge_bands.EDGES,
    *edge_time.EDGES,
    *edge_free_index.EDGES,
    *edge_solar.EDGES,
    *edge_delivery.EDGES,
    *edge_taxes.EDGES,
    *edge_places.EDGES,
    *edge_refusals.EDGES,
)

"""Which dataclass and which guide table belong to a kind."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from ossrep.market.edi.texas_set import (
    advice,
    changes,
    enrollment,
    invoice,
    remittance,
    service_orders,
    transitions,
    upkeep,
    usage,
)
from ossrep.market.edi.texas_set.guide.compiling import compile_guide
from ossrep.market.edi.texas_set.guide.plan import Guide
from ossrep.market.edi.texas_set.guide.tables import load_table
from ossrep.market.edi.texas_set.model import Transaction

KINDS: Mapping[str, type[Transaction]] = {
    build.kind: build
    for build in (
        enrollment.SwitchRequest,
        enrollment.SwitchReject,
        enrollment.EnrollmentResponse,
        transitions.LossNotice,
        changes.CancelRequest,
        changes.CancelResponse,
        transitions.DropResponse,
        changes.DateChangeRequest,
        changes.DateChangeResponse,
        transitions.DropEnrollment,
        enrollment.MoveInRequest,
        enrollment.MoveInReject,
        upkeep.CsaRequest,
        upkeep.CsaResponse,
        upkeep.EsiIdMaintenance,
        transitions.CsaMoveIn,
        changes.MoveOutRequest,
        changes.MoveOutResponse,
        upkeep.HistoryRequest,
        upkeep.HistoryResponse,
        changes.Unexecutable,
        changes.UnexecutableResponse,
        upkeep.CustomerInformation,
        upkeep.CustomerInformationResponse,
        service_orders.ServiceOrder,
        service_orders.ServiceOrderResponse,
        service_orders.OutageNotice,
        service_orders.OutageReject,
        remittance.Remittance,
        advice.ApplicationAdvice,
        usage.HistoricalUsage,
        usage.MonthlyUsage,
        usage.InitialRead,
        invoice.DeliveryInvoice,
    )
}

WITH_INTERVALS = frozenset({"867_02", "867_03"})
"""Kinds whose loops may hold intervals (``usage_segments``)."""


@lru_cache(maxsize=64)
def guide_of(kind: str) -> Guide:
    """The compiled guide of a kind of ``KINDS``; compiled once. ``GuideError`` on a bad table."""
    return compile_guide(load_table(kind), KINDS[kind])

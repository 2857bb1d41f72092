"""Monthly register usage from the market: kept, and compared with the intervals of its period."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import EsiId
from ossrep.meter.db import transaction
from ossrep.meter.models import CancelledRegister, RegisterUsage
from ossrep.meter.usecases.check_periods import RegisteredPeriod, check_periods
from ossrep.meter.usecases.load_rulebook import load_rulebook
from ossrep.meter.usecases.meter_point_registry import MeterPointRegistry
from ossrep.published.market import UsageCancelled, UsageReceived

WH_MAX = 10**15


class InvalidRegisterUsage(DomainError):
    """Register usage that cannot be kept as it is."""

    code = "invalid_register_usage"


def record_register_usage(*, usage: UsageReceived) -> bool:
    """Keeps monthly usage (TX SET 867_03); False where this very usage counts already.

    Where all intervals of the period are there, their sum is compared with the register's.
    ``InvalidRegisterUsage`` names the field that cannot be taken.
    """
    import_wh = _thousandfold(usage.import_kwh, "import_kwh")
    export_wh = _thousandfold(usage.export_kwh, "export_kwh")
    peak_w = None if usage.peak_kw is None else _thousandfold(usage.peak_kw, "peak_kw")
    if usage.end_date <= usage.start_date:
        raise InvalidRegisterUsage("the period ends before it starts", where="end_date")
    with transaction():
        meter_point_id = _meter_point_of(usage.esi_id)
        row, is_new = RegisterUsage.objects.get_or_create(
            meter_point_id=meter_point_id,
            start_date=usage.start_date,
            end_date=usage.end_date,
            source_reference=usage.source_reference,
            defaults={
                "import_wh": import_wh,
                "export_wh": export_wh,
                "peak_w": peak_w,
                "is_estimated": usage.is_estimated,
                "is_final": usage.is_final,
                "received_at": usage.received_at,
            },
        )
        # What the market tells again counts again.
        taken_up, _ = CancelledRegister.objects.filter(register_usage=row).delete()
        is_new = is_new or taken_up > 0
        if is_new:
            period = RegisteredPeriod(
                meter_point_id,
                EsiId(usage.esi_id),
                usage.start_date,
                usage.end_date,
                import_wh,
            )
            check_periods(periods=[period], rulebook=load_rulebook(), found_at=usage.received_at)
    return is_new


def cancel_register_usage(*, cancelled: UsageCancelled) -> bool:
    """Monthly usage counts no more; False where it is not kept, or was cancelled before."""
    with transaction():
        row = RegisterUsage.objects.filter(
            meter_point__esi_id=cancelled.esi_id,
            start_date=cancelled.start_date,
            end_date=cancelled.end_date,
            source_reference=cancelled.source_reference,
        ).first()
        if row is None:
            return False
        _, is_new = CancelledRegister.objects.get_or_create(
            register_usage=row, defaults={"cancelled_at": cancelled.cancelled_at}
        )
    return is_new


def _thousandfold(text: str, name: str) -> int:
    try:
        value = Decimal(text) * 1000
    except InvalidOperation:
        raise InvalidRegisterUsage(f"{text!r} is not a number", where=name) from None
    if not value.is_finite() or value != value.to_integral_value():
        raise InvalidRegisterUsage(f"{text} has more than three decimals", where=name)
    if not 0 <= value <= WH_MAX:
        raise InvalidRegisterUsage(f"{text} is out of range", where=name)
    return int(value)


def _meter_point_of(esi_id: str) -> int:
    found = MeterPointRegistry().resolve(esi_ids=[esi_id.encode()])
    if not found:
        raise InvalidRegisterUsage(f"no premises has the ESI ID {esi_id}", where="esi_id")
    return found[esi_id.encode()]

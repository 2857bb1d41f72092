"""Changing what a validation rule allows."""

from __future__ import annotations

from ossrep.kernel.errors import DomainError
from ossrep.meter.db import transaction
from ossrep.meter.domain.vee.thresholds import DEFAULTS
from ossrep.meter.models import MeterPoint, VeeThreshold

VALUE_MAX = 10**12


class InvalidThreshold(DomainError):
    """No such threshold, or a value it cannot have."""

    code = "invalid_threshold"


def set_threshold(*, rule: str, name: str, value: int, esi_id: str | None = None) -> None:
    """Sets a threshold for all meter points, or for one that differs.

    Days judged before keep the ruleset that judged them; imports from now on, and
    ``meter validate``, use the new one.
    """
    if (rule, name) not in DEFAULTS:
        known = ", ".join(sorted(".".join(key) for key in DEFAULTS))
        raise InvalidThreshold(f"there is no such threshold; there are {known}", where=rule)
    if not 0 <= value <= VALUE_MAX:
        raise InvalidThreshold(f"{value} is not between 0 and {VALUE_MAX}", where=name)
    with transaction():
        point = None
        if esi_id is not None:
            point = MeterPoint.objects.filter(esi_id=esi_id).first()
            if point is None:
                raise InvalidThreshold(f"no usage of ESI ID {esi_id} is known", where="esi_id")
        threshold, is_new = VeeThreshold.objects.select_for_update().get_or_create(
            rule=rule, name=name, meter_point=point, defaults={"value": value}
        )
        if not is_new and threshold.value != value:
            threshold.value = value
            threshold.save(update_fields=["value"])

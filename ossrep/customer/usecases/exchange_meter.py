"""A premises gets another meter."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from ossrep.customer.db import ALIAS, transaction
from ossrep.customer.domain import records
from ossrep.customer.models import Meter, Premises
from ossrep.customer.usecases.change_details import RecordUnknown, premises_changed
from ossrep.customer.usecases.refusals import refusing
from ossrep.infra import outbox
from ossrep.kernel.identifiers import PremisesId


def exchange_meter(
    *, premises_id: PremisesId, meter_number: str, installed_date: dt.date, as_of: dt.date
) -> None:
    """Installs a meter on a date; those in place before are removed on it.

    Repeating it does nothing. Raises FieldRefused, RecordUnknown.
    """
    records.METER.columns["meter_number"].check(meter_number)
    with refusing(where=f"meter {meter_number}"), transaction():
        premises = Premises.objects.select_for_update().filter(pk=premises_id).first()
        if premises is None:
            raise RecordUnknown(f"premises {premises_id} is not known")
        same = premises.meters.filter(number=meter_number, installed_date=installed_date)
        if same.exists():
            return
        in_place = Q(removed_date__isnull=True) | Q(removed_date__gt=installed_date)
        premises.meters.filter(in_place).update(removed_date=installed_date)
        Meter.objects.create(premises=premises, number=meter_number, installed_date=installed_date)
        outbox.append(context=ALIAS, event=premises_changed(premises, ("meters",), as_of))

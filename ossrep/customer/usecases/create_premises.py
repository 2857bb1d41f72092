"""A place of delivery becomes known."""

from __future__ import annotations

import datetime as dt

from ossrep.customer.db import ALIAS, transaction
from ossrep.customer.domain import records
from ossrep.customer.models import Meter, Premises
from ossrep.customer.models.series import take_number
from ossrep.customer.usecases.refusals import NumberTaken, refusing
from ossrep.infra import outbox
from ossrep.kernel.identifiers import PremisesId, TdspCode
from ossrep.published.customer import Address, PremisesRegistered


def create_premises(
    *,
    esi_id: str,
    tdsp_code: TdspCode,
    read_cycle: str,
    rate_class: str,
    service_address: Address,
    tax_place: str,
    county: str = "",
    meter: tuple[str, dt.date] | None = None,
    number: str | None = None,
) -> PremisesId:
    """Registers a premises, with a meter (number, installed date) where one is known.

    Repeating a call with the same number and details gives the same premises. Raises FieldRefused,
    NumberTaken, EsiIdTaken.
    """
    details = {
        "esi_id": esi_id,
        "tdsp": tdsp_code,
        "read_cycle": read_cycle,
        "rate_class": rate_class,
        "service_line1": service_address.line1,
        "service_line2": service_address.line2,
        "service_city": service_address.city,
        "service_state": service_address.state,
        "service_zip": service_address.zip_code,
        "county": county,
        "tax_place": tax_place,
    }
    columns = [records.PREMISES.columns[name] for name in details]
    stored = records.PREMISES.clean(details, columns)
    stored["tdsp_code"] = stored.pop("tdsp")
    if number is not None:
        records.PREMISES.columns["premises_number"].check(number)
    with refusing(where=f"premises {number or esi_id}"), transaction():
        found = Premises.objects.filter(number=number).first() if number else None
        if found is not None:
            if any(getattr(found, name) != value for name, value in stored.items()):
                raise NumberTaken("another premises has this number", where=f"premises {number}")
            return PremisesId(found.pk)
        premises = Premises.objects.create(number=number or take_number("premises"), **stored)
        if meter is not None:
            Meter.objects.create(premises=premises, number=meter[0], installed_date=meter[1])
        outbox.append(
            context=ALIAS,
            event=PremisesRegistered(
                premises_id=premises.pk,
                premises_number=premises.number,
                esi_id=premises.esi_id,
                tdsp_code=premises.tdsp_code,
                read_cycle=premises.read_cycle,
            ),
        )
    return PremisesId(premises.pk)

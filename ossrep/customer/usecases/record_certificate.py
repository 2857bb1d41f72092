"""A customer shows a certificate that frees it from taxes."""

from __future__ import annotations

import datetime as dt

from ossrep.customer.db import transaction
from ossrep.customer.domain import records
from ossrep.customer.models import Account, ExemptionCertificate
from ossrep.customer.usecases.change_details import RecordUnknown, tell_accounts
from ossrep.customer.usecases.refusals import NumberTaken, refusing
from ossrep.kernel.identifiers import AccountId, PremisesId


def record_certificate(
    *,
    account_id: AccountId,
    premises_id: PremisesId | None = None,
    number: str,
    exemption: str,
    from_date: dt.date,
    to_date: dt.date | None = None,
    as_of: dt.date,
) -> None:
    """Keeps a certificate in force over ``[from_date, to_date)``, for one premises or all.

    A known number changes kind and dates, for example to end it; scope and account stay. Tells
    the account when something differs. Raises FieldRefused, RecordUnknown, NumberTaken,
    CertificatesOverlap.
    """
    record = {
        "certificate_number": number,
        "exemption": exemption,
        "from_date": from_date.isoformat(),
        "to_date": to_date.isoformat() if to_date else "",
    }
    records.CERTIFICATE.clean(record, [records.CERTIFICATE.columns[name] for name in record])
    with refusing(where=f"certificate {number}"), transaction():
        account = Account.objects.filter(pk=account_id).first()
        if account is None:
            raise RecordUnknown(f"account {account_id} is not known")
        found = ExemptionCertificate.objects.filter(number=number).first()
        if found and (found.account_id, found.premises_id) != (account_id, premises_id):
            raise NumberTaken("the number belongs to another scope", where=f"certificate {number}")
        wanted = (exemption, from_date, to_date)
        if found and (found.exemption, found.from_date, found.to_date) == wanted:
            return
        certificate = found or ExemptionCertificate(
            number=number, account=account, premises_id=premises_id
        )
        certificate.exemption, certificate.from_date, certificate.to_date = wanted
        certificate.save()
        tell_accounts([account], changed=("tax_exemption",), as_of=as_of)

"""Writes the monthly customer billing contact files, one whole file for each DUNS of ours."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ossrep.infra.services import resolve
from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.db import connection, transaction
from ossrep.market.domain.cbci import LINE_END, detail, file_name, header, summary
from ossrep.market.domain.cbci_mending import what_to_mend
from ossrep.market.models import CbciFile
from ossrep.market.queries.interchange.partners import find_identity
from ossrep.market.usecases.work_items import open_work_item
from ossrep.published.customer import BillingContact, CustomerService

KIND_INCOMPLETE = "cbci-incomplete"
LAST_DAY = 15
"""The file is owed between the 1st and the 15th (RMG 7.11.3.2)."""
PAGE = 2_000
PAGES_MAX = 100_000


class CbciRefused(DomainError):
    """The files cannot be written."""

    code = "cbci_refused"


@dataclass(frozen=True, slots=True)
class CbciWritten:
    """One file as it was written; ``incomplete`` records lack something mandatory."""

    path: Path
    duns: str
    report_id: str
    records: int
    incomplete: int
    is_late: bool


def write_cbci(*, month: dt.date, out: Path, now: dt.datetime) -> list[CbciWritten]:
    """Writes a file for each DUNS with ESI IDs served today into the folder ``out``.

    A file tells of the present, so ``month`` (its first day) must be the month of ``now``. Each
    call writes whole files with the next counter; the market keeps the last. Records that lack
    something stand in the file, and a work item asks for each. Raises CbciRefused.
    """
    local = now.astimezone(MARKET_ZONE)
    if local.date().replace(day=1) != month:
        raise CbciRefused(
            f"it is {local:%Y-%m}: the file tells whom bills go to now, not in another month",
            where=f"{month:%Y-%m}",
        )
    out.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack, transaction():
        with connection().cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('market.cbci_file'))")
        files: dict[str, _File] = {}
        own: dict[int, str] = {}
        for contact in _contacts(local.date()):
            if contact.brand_id not in own:
                own[contact.brand_id] = _duns_of(contact.brand_id)
            duns = own[contact.brand_id]
            if duns not in files:
                files[duns] = stack.enter_context(_opened(duns, month, out, local))
            files[duns].add(contact, now)
        return [file.finish(now) for file in files.values()]


def _contacts(served_on: dt.date) -> Iterator[BillingContact]:
    service = resolve(CustomerService)
    after = ""
    for _ in range(PAGES_MAX):
        page = service.list_billing_contacts(served_on=served_on, after=after, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].esi_id


def _duns_of(brand_id: int) -> str:
    identity = find_identity(brand_id=brand_id)
    if identity is None:
        raise CbciRefused(
            "has no market identity with a DUNS number; see manage.py market partners import",
            where=f"brand {brand_id}",
        )
    return identity.duns


@contextlib.contextmanager
def _opened(duns: str, month: dt.date, out: Path, local: dt.datetime) -> Iterator[_File]:
    counter = CbciFile.objects.filter(duns=duns, month=month).count() + 1
    path = out / file_name(duns=duns, local=local, counter=counter)
    part = path.with_name(f".{path.name}.part")
    # Names, addresses and phones of all customers: nobody else on this machine reads along.
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(descriptor, "wb") as stream:
            yield _File(duns, month, counter, path, part, stream)
    finally:
        part.unlink(missing_ok=True)


class _File:
    """A file while it is written; its name appears when it is whole."""

    def __init__(
        self, duns: str, month: dt.date, counter: int, path: Path, part: Path, stream: BinaryIO
    ) -> None:
        self._duns, self._month, self._counter = duns, month, counter
        self._path, self._part, self._stream = path, part, stream
        self._report_id = f"{month:%Y%m}{counter:04d}"
        self._digest = hashlib.sha256()
        self._records = self._incomplete = 0
        self._line(header(report_id=self._report_id, duns=duns))

    def add(self, contact: BillingContact, now: dt.datetime) -> None:
        """One more record; a work item where it lacks something."""
        self._records += 1
        record = detail(number=self._records, duns=self._duns, contact=contact)
        self._line(record.text)
        if record.lacks:
            self._incomplete += 1
            lacking = "\n".join(f"- {name}: mend {what_to_mend(name)}" for name in record.lacks)
            open_work_item(
                kind=KIND_INCOMPLETE,
                key=f"{self._month:%Y-%m} {contact.esi_id}",
                title=f"Billing contact of account {contact.account_number} is incomplete",
                text=f"The billing contact file for ERCOT lacks of this ESI ID:\n{lacking}\n"
                "Then write and send the whole file again before the month ends.",
                esi_id=contact.esi_id,
                reference=self._report_id,
                now=now,
            )

    def finish(self, now: dt.datetime) -> CbciWritten:
        """Writes the end, notes the file and gives it its name."""
        self._line(summary(records=self._records))
        self._stream.flush()
        os.fsync(self._stream.fileno())
        CbciFile.objects.create(
            duns=self._duns,
            month=self._month,
            counter=self._counter,
            report_id=self._report_id,
            file_name=self._path.name,
            sha256=self._digest.hexdigest(),
            records=self._records,
            incomplete=self._incomplete,
            written_at=now,
        )
        self._part.rename(self._path)
        is_late = now.astimezone(MARKET_ZONE).day > LAST_DAY
        return CbciWritten(
            self._path, self._duns, self._report_id, self._records, self._incomplete, is_late
        )

    def _line(self, text: str) -> None:
        data = f"{text}{LINE_END}".encode("ascii", "replace")
        self._digest.update(data)
        self._stream.write(data)

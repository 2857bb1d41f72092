"""A file without envelope, of a provider: read whole, applied in batches."""

from __future__ import annotations

from ossrep.market.edi.errors import EdiError
from ossrep.market.models import InboundGroup
from ossrep.market.usecases.interchange.flat_files import read_flat
from ossrep.market.usecases.interchange.flat_items import items_of_flat_file
from ossrep.market.usecases.interchange.items import clean, told
from ossrep.market.usecases.interchange.recording import record_sets
from ossrep.market.usecases.interchange.storing import read_bytes
from ossrep.market.usecases.interchange.taken import FileInHand
from ossrep.market.usecases.interchange.taking_items import take_items


def take_flat(*, file: FileInHand) -> None:
    """Takes a provider's file, in the caller's transaction."""
    partner = file.work.partner
    if partner is None or not partner.is_active:
        file.taken.state = "refused"
        text = "a file without an interchange header, from no registered provider"
        file.taken.notes.append(text)
        file.alarm(
            kind="file_unregistered",
            title=f"{file.taken.name} is refused",
            text=f"{text}; say whose it is: manage.py market receive --partner CODE FILE",
        )
        return
    data = read_bytes(file_id=file.work.pk)
    try:
        found = read_flat(data)
    except EdiError as error:
        file.quarantine(told([error.fault]))
        return
    stored = InboundGroup.objects.create(
        file_id=file.work.pk,
        partner=partner,
        functional_id="",
        sender=clean(found.sender, 15),
        receiver=clean(found.receiver, 15),
        control_number=clean(found.number, 14),
        set_count=len(found.documents),
        text=told(found.faults),
    )
    items = list(items_of_flat_file(file=found, data=data))
    record_sets(group=stored, items=items, received_at=file.work.file.received_at)
    take_items(file=file, stored=stored, items=items)
    if found.faults:
        file.taken.notes.append(told(found.faults))
        file.alarm(
            kind="envelope_faults",
            title=f"{file.taken.name} has faults",
            text=told(found.faults),
        )

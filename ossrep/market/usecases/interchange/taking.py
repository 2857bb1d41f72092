"""One file from bytes to outcomes and answers, in one transaction of the caller."""

from __future__ import annotations

import datetime as dt

from ossrep.market.models import InboundWork
from ossrep.market.usecases import receiving
from ossrep.market.usecases.interchange.applying import FindHandler
from ossrep.market.usecases.interchange.taken import FileInHand, Taken
from ossrep.market.usecases.interchange.taking_flat import take_flat
from ossrep.market.usecases.interchange.taking_x12 import take_x12
from ossrep.market.usecases.service_point_locks import lock_all_service_points


def take_file(
    *,
    work: InboundWork,
    now: dt.datetime,
    find_handler: FindHandler = receiving.find_handler,
) -> Taken:
    """Takes a stored file: judges, reads, applies and answers what stands in it.

    The caller holds the file's row and the transaction; when it commits, every set has its
    outcome and every answer that is due is queued, else nothing of it is.
    """
    taken = Taken(file_id=work.pk, name=work.file.name)
    file = FileInHand(work=work, now=now, find_handler=find_handler, taken=taken)
    if work.is_barrier:
        lock_all_service_points()
    if work.file.syntax == "x12":
        take_x12(file=file)
    else:
        take_flat(file=file)
    return taken

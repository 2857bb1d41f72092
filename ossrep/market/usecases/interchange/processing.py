"""Works through stored files: any number of receivers at once, each ESI ID's messages in order."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError

from ossrep.market.db import connection, transaction
from ossrep.market.models import InboundWork
from ossrep.market.usecases import receiving
from ossrep.market.usecases.interchange.alarms import alarm_file
from ossrep.market.usecases.interchange.applying import FindHandler
from ossrep.market.usecases.interchange.items import unexpected
from ossrep.market.usecases.interchange.taken import Taken
from ossrep.market.usecases.interchange.taking import take_file

ATTEMPTS_MAX = 6
PAUSE_FIRST_S = 0.05
FILES_PER_RUN_MAX = 1_000_000

log = logging.getLogger(__name__)

# The oldest file that nobody holds and before which no unfinished one shares an ESI ID.
_CLAIM = """
    SELECT w.file_id FROM inbound_work w
    WHERE w.state = 'stored' AND (%s::bigint IS NULL OR w.file_id = %s)
      AND NOT EXISTS (
        SELECT 1 FROM inbound_work o
        WHERE o.state = 'stored' AND o.file_id < w.file_id
          AND (o.is_barrier OR w.is_barrier OR o.esi_keys && w.esi_keys))
    ORDER BY w.file_id LIMIT 1
    FOR UPDATE OF w SKIP LOCKED
"""


def process_files(
    *,
    now: dt.datetime,
    find_handler: FindHandler = receiving.find_handler,
    file_id: int | None = None,
) -> Iterator[Taken]:
    """Takes stored files until none is left that is free; one committed transaction for each.

    ``file_id``: that one only. A file held by another receiver, or waiting behind one, is left
    to that receiver. A file on which our own code fails is quarantined and the next one taken.
    """
    for _ in range(FILES_PER_RUN_MAX):
        taken = _process_next(now, find_handler, file_id)
        if taken is None:
            return
        yield taken


def _process_next(now: dt.datetime, find_handler: FindHandler, file_id: int | None) -> Taken | None:
    pause_s = PAUSE_FIRST_S
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            return _take_next(now, find_handler, file_id)
        except _OwnFault as fault:
            return _quarantine(fault, now)
        except (OperationalError, InterfaceError) as error:
            if attempt == ATTEMPTS_MAX:
                raise
            log.warning("a file is taken anew: %s", error)
            connection().close_if_unusable_or_obsolete()
            time.sleep(pause_s)
            pause_s *= 2
    raise AssertionError("unreachable")


class _OwnFault(Exception):
    """Our code failed on a file as a whole."""

    def __init__(self, file_id: int, error: Exception) -> None:
        super().__init__(str(error))
        self.file_id = file_id
        self.error = error


def _take_next(now: dt.datetime, find_handler: FindHandler, file_id: int | None) -> Taken | None:
    claimed: int | None = None
    try:
        with transaction():
            with connection().cursor() as cursor:
                cursor.execute(_CLAIM, [file_id, file_id])
                row = cursor.fetchone()
            if row is None:
                return None
            claimed = row[0]
            work = InboundWork.objects.select_related("file", "channel", "partner").get(pk=claimed)
            taken = take_file(work=work, now=now, find_handler=find_handler)
            _finish(work, taken.state, "; ".join(taken.notes), now)
        return taken
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if claimed is None:
            raise
        raise _OwnFault(claimed, error) from error


def _finish(work: InboundWork, state: str, note: str, now: dt.datetime) -> None:
    work.state, work.note, work.finished_at = state, note[:4_000], now
    work.save(update_fields=["state", "note", "finished_at"])


def _quarantine(fault: _OwnFault, now: dt.datetime) -> Taken:
    log.error("file %s is quarantined", fault.file_id, exc_info=fault.error)
    text = unexpected(fault.error).text
    with transaction():
        work = InboundWork.objects.select_for_update().get(pk=fault.file_id)
        if work.state == "stored":
            alarm_file(
                work=work,
                kind="file_unexpected",
                title=f"{work.file.name} could not be processed",
                text=text,
                now=now,
            )
            _finish(work, "quarantined", text, now)
    return Taken(file_id=work.pk, name=work.file.name, state=work.state, notes=[text])

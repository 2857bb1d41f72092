"""A file is taken up again, whole or in part, after what was in its way is gone."""

from __future__ import annotations

from ossrep.kernel.errors import DomainError
from ossrep.market.db import transaction
from ossrep.market.models import InboundWork
from ossrep.market.usecases.interchange.outbound import find_partner
from ossrep.market.usecases.interchange.resuming import has_refused_groups


class NotReopened(DomainError):
    """A file that is not there, or that was processed: its sets can be, the file cannot."""

    code = "not_reopened"


def reopen_file(*, file_id: int, partner: str | None = None) -> None:
    """Lets a refused or quarantined file be processed again; ``partner`` says whose it is.

    Of a processed one the groups whose ids were not registered then; all else of it stays.
    Raises ``NotReopened`` and ``UnknownPartner``.
    """
    whose = None if partner is None else find_partner(code=partner)
    with transaction():
        work = InboundWork.objects.select_for_update().filter(pk=file_id).first()
        if work is None:
            raise NotReopened("there is no such file", where=f"file {file_id}")
        if work.state == "done" and not has_refused_groups(file_id=file_id):
            raise NotReopened(
                "is done and no group of it was refused; process single sets with --set",
                where=f"file {file_id}",
            )
        work.state, work.note = "stored", ""
        work.partner = whose or work.partner
        work.save(update_fields=["state", "note", "partner"])

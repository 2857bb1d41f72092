"""Work items of the mailroom: what no answer to the sender settles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from ossrep.market.models import InboundGroup, InboundWork
from ossrep.market.usecases.interchange.items import SYNTAX, Item
from ossrep.market.usecases.work_items import open_work_item

SET_KIND = "set_{code}"
_NEXT = {
    SYNTAX: "Our 997 refuses it and nothing of it was applied: if it does not come again, mended, "
    "ask the sender for it."
}


def alarm_file(
    *, work: InboundWork, kind: str, title: str, text: str, now: dt.datetime, part: str = ""
) -> None:
    """Asks a person to look at a file, or a part of it; once for each kind of matter."""
    open_work_item(
        kind=kind,
        key=f"file {work.pk} {part}".rstrip(),
        title=title[:200],
        text=f"{text} (file {work.pk}, {work.file.name}: manage.py market show file:{work.pk})",
        now=now,
    )


def alarm_items(*, items: Sequence[Item], group: InboundGroup, now: dt.datetime) -> None:
    """Asks a person to look at each set whose outcome needs one."""
    for item in items:
        if not item.needs_person or item.outcome is None:
            continue
        told = " ".join(filter(None, (item.outcome.text, item.note, _NEXT.get(item.outcome.code))))
        sender = f" of {group.partner.code}" if group.partner else ""
        open_work_item(
            kind=SET_KIND.format(code=item.outcome.code),
            key=f"set {item.set_id}",
            title=f"{item.kind or item.code or 'set'} {item.reference or item.control_number}"
            f"{sender} is {item.outcome.state}",
            text=f"{told} (manage.py market show set:{item.set_id})",
            esi_id=item.esi_id,
            tdsp_code=group.partner.code if group.partner else "",
            inbound_set_id=item.set_id,
            reference=item.reference,
            now=now,
        )

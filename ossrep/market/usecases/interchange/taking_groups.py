"""A functional group while its sets come by: taken in batches, answered at its end."""

from __future__ import annotations

from dataclasses import dataclass, field

from ossrep.market.edi.x12.acknowledging import SetOutcome, group_is_refused, needs_997
from ossrep.market.edi.x12.functional_groups import check_group_of_set
from ossrep.market.edi.x12.model import Interchange, TransactionSet
from ossrep.market.models import InboundGroup
from ossrep.market.usecases.interchange.acknowledged import take_997s
from ossrep.market.usecases.interchange.answering import Correspondent, queue_997
from ossrep.market.usecases.interchange.events import SurveyedGroup
from ossrep.market.usecases.interchange.items import (
    FUNCTIONAL_ID_OF_997,
    Item,
    clean,
    item_of_set,
    read_item,
    told,
    x12_outcome,
)
from ossrep.market.usecases.interchange.judging import (
    ENVELOPE,
    NOT_FOR_US,
    UNREGISTERED,
    Judgment,
    partner_of,
)
from ossrep.market.usecases.interchange.recording import record_sets
from ossrep.market.usecases.interchange.resuming import may_resume
from ossrep.market.usecases.interchange.taken import FileInHand
from ossrep.market.usecases.interchange.taking_items import take_items
from ossrep.market.usecases.receiving import Outcome

GROUP_REFUSED = "group_refused"
BATCH_SETS = 100
BATCH_BYTES = 512 << 10
"""Of raw sets; read, they take many times that."""


@dataclass(slots=True, kw_only=True)
class GroupInHand:
    """A group whose sets are given one by one; ``refusal`` is the outcome of all of them."""

    file: FileInHand
    interchange: Interchange
    surveyed: SurveyedGroup
    stored: InboundGroup
    between: Correspondent | None
    refusal: Outcome | None
    is_refused_outside: bool
    _sets: list[TransactionSet] = field(default_factory=list)
    _items: list[Item] = field(default_factory=list)
    _outcomes: list[SetOutcome] = field(default_factory=list)
    _bytes: int = 0

    def add(self, found: TransactionSet, body_sha256: bytes) -> None:
        """Takes one more set; when a batch is full it is applied."""
        functional_id = self.surveyed.group.functional_id
        checked = check_group_of_set(found=found, functional_id=functional_id)
        place = len(self._outcomes) + 1
        item = item_of_set(found=checked, place=place, body_sha256=body_sha256)
        if item.outcome is None and functional_id != FUNCTIONAL_ID_OF_997:
            read_item(item, found, self.interchange.separators)
        if self.refusal is not None:
            item.settle(self.refusal, needs_person=False)
        self._outcomes.append(x12_outcome(item))
        self._items.append(item)
        if functional_id == FUNCTIONAL_ID_OF_997:
            self._sets.append(found)
        self._bytes += found.length
        if len(self._items) == BATCH_SETS or self._bytes >= BATCH_BYTES:
            self._take_batch()

    def finish(self) -> None:
        """Applies what is left, then answers the group."""
        self._take_batch()
        if self.between is not None and needs_997(self.surveyed.group.functional_id):
            queue_997(
                stored=self.stored,
                group=self.surveyed.group,
                outcomes=self._outcomes,
                between=self.between,
                is_refused=self.is_refused_outside,
                now=self.file.now,
            )

    def _take_batch(self) -> None:
        items, sets = self._items, self._sets
        self._items, self._sets, self._bytes = [], [], 0
        if not items:
            return
        record_sets(group=self.stored, items=items, received_at=self.file.work.file.received_at)
        if sets and self.between is not None:
            take_997s(
                items=items,
                sets=sets,
                partner=self.between.partner,
                receiver=self.interchange.receiver,
                now=self.file.now,
            )
        take_items(file=self.file, stored=self.stored, items=items)


def open_group(
    *, file: FileInHand, interchange: Interchange, judgment: Judgment, surveyed: SurveyedGroup
) -> GroupInHand | None:
    """Records a group that begins; None where it is not to be looked into this time.

    Nobody is answered for a group between others, so a person has to hear of it.
    """
    group = surveyed.group
    partner, identity = partner_of(judgment=judgment, sender=group.sender, receiver=group.receiver)
    stored = InboundGroup(
        interchange_id=judgment.row_id,
        file_id=file.work.pk,
        partner=partner,
        functional_id=clean(group.functional_id, 4),
        sender=clean(group.sender, 15),
        receiver=clean(group.receiver, 15),
        control_number=clean(group.control_number, 14),
        set_count=surveyed.set_count,
        text=told(group.faults),
    )
    is_known = partner is not None and identity is not None
    if not may_resume(file=file, judgment=judgment, group=stored, is_known=is_known):
        return None
    stored.save(force_insert=True)
    between = refusal = None
    if partner is None or identity is None:
        who = f"GS id {group.sender!r}" if partner is None else f"receiver {group.receiver!r}"
        text = clean(f"{who} of the group is not registered", 200)
        code = UNREGISTERED if partner is None else NOT_FOR_US
        refusal = Outcome(state="rejected", code=code, text=text)
        _alarm(file, stored, refusal)
    else:
        between = Correspondent(identity, partner)
        refusal = _refusal_of(surveyed, judgment)
    return GroupInHand(
        file=file,
        interchange=interchange,
        surveyed=surveyed,
        stored=stored,
        between=between,
        refusal=refusal,
        is_refused_outside=judgment.code == ENVELOPE,
    )


def _refusal_of(surveyed: SurveyedGroup, judgment: Judgment) -> Outcome | None:
    if judgment.code == ENVELOPE:
        return Outcome(state="rejected", code=ENVELOPE, text=judgment.text)
    if group_is_refused(surveyed.group):
        return Outcome(state="rejected", code=GROUP_REFUSED, text=told(surveyed.group.faults))
    return None


def _alarm(file: FileInHand, stored: InboundGroup, refusal: Outcome) -> None:
    file.taken.notes.append(refusal.text)
    file.alarm(
        kind=f"group_{refusal.code}",
        title=f"Group {stored} is refused",
        part=f"group {stored.pk}",
        text=(
            f"{refusal.text}: its {stored.set_count} sets were not applied and no 997 went out. If "
            "it is meant for us, register the id, then: manage.py market reprocess --file "
            f"{file.work.pk}"
        ),
    )

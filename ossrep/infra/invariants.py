"""What must hold at any moment: each context's own pack, and what all outboxes share.

A context offers its pack as ``INVARIANTS`` in ``ossrep/<context>/queries/invariants.py``.
``manage.py verify`` runs all of them, and so do the tests that write.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections

from ossrep.infra.database import installed

BREACHES_SHOWN_MAX = 20

Check = str | Callable[[], Iterable[Sequence[Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """One rule; ``check`` gives the rows that break it, so an empty answer is a good one.

    ``check`` is SQL for the context's own connection, or a function without arguments (for
    a reconciliation through published services). ``rule`` is a sentence for people.
    """

    name: str
    rule: str
    check: Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome of one invariant: the first rows that break it; none when it holds."""

    context: str
    name: str
    rule: str
    breaches: tuple[tuple[Any, ...], ...]

    @property
    def holds(self) -> bool:
        """True when nothing breaks the rule."""
        return not self.breaches


def invariants_of(context: str) -> tuple[Invariant, ...]:
    """A context's own invariants and those of its outbox."""
    own: Sequence[Invariant] = ()
    if importlib.util.find_spec(f"ossrep.{context}.queries") and importlib.util.find_spec(
        f"ossrep.{context}.queries.invariants"
    ):
        own = importlib.import_module(f"ossrep.{context}.queries.invariants").INVARIANTS
    return (*own, *OUTBOX_INVARIANTS)


def verify(*, contexts: Sequence[str] | None = None) -> list[Verdict]:
    """Runs every invariant of the contexts named (None: all of this process)."""
    return [
        _judge(context, invariant)
        for context in (installed() if contexts is None else contexts)
        for invariant in invariants_of(context)
    ]


def assert_invariants(*, contexts: Sequence[str] | None = None) -> None:
    """For tests that write: fails with the rows that break a rule."""
    broken = [verdict for verdict in verify(contexts=contexts) if not verdict.holds]
    told = [f"{v.context}: {v.name}: {v.rule}: {list(v.breaches)}" for v in broken]
    assert not broken, "\n".join(told)


def _judge(context: str, invariant: Invariant) -> Verdict:
    breaches = [
        tuple(row)
        for row, _ in zip(_rows(context, invariant), range(BREACHES_SHOWN_MAX))  # noqa: B905
    ]
    return Verdict(
        context=context, name=invariant.name, rule=invariant.rule, breaches=tuple(breaches)
    )


def _rows(context: str, invariant: Invariant) -> Iterable[Sequence[Any]]:
    if callable(invariant.check):
        return invariant.check()
    with connections[context].cursor() as cursor:
        cursor.execute(invariant.check)
        rows: list[tuple[Any, ...]] = cursor.fetchmany(BREACHES_SHOWN_MAX)
        return rows


OUTBOX_INVARIANTS = (
    Invariant(
        name="outbox_without_holes",
        rule="the events kept of an aggregate follow each other without a hole, up to its stream",
        check="""
            SELECT e.aggregate_type, e.aggregate_id, e.incarnation, min(e.seq), max(e.seq),
                   count(*), s.last_seq
            FROM outbox_event e
            LEFT JOIN outbox_stream s USING (aggregate_type, aggregate_id)
            GROUP BY e.aggregate_type, e.aggregate_id, e.incarnation, s.last_seq
            HAVING max(e.seq) - min(e.seq) + 1 <> count(*)
                OR max(e.seq) > coalesce(s.last_seq, 0)
        """,
    ),
    Invariant(
        name="outbox_published_in_order",
        rule="no event is published while an earlier one of its aggregate is not",
        check="""
            SELECT later.aggregate_type, later.aggregate_id, earlier.seq, later.seq
            FROM outbox_event earlier
            JOIN outbox_event later USING (aggregate_type, aggregate_id)
            WHERE earlier.published_at IS NULL AND later.published_at IS NOT NULL
              AND (earlier.incarnation, earlier.seq) < (later.incarnation, later.seq)
        """,
    ),
)

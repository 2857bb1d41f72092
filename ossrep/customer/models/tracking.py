"""History of records that people edit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import pghistory
from django.db import models

Record = TypeVar("Record", bound=type[models.Model])


def tracked(table: str, *, but: Sequence[str] = ()) -> Callable[[Record], Record]:
    """Keeps every insert, update and delete of a model, bulk or not, in a table of its own.

    The triggers fire once for a statement, not for each row: imports write thousands at once.
    ``but``: fields that never change and are not kept again.
    """
    track: Callable[[Record], Record] = pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        meta={"db_table": table},
        exclude=list(but) or None,
        level=pghistory.Statement,
    )
    return track

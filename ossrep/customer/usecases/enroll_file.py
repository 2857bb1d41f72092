"""Enrollments from a file: each row by itself, the good ones beside the bad."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ossrep.customer.files.enrollment_file import read_date, read_enrollments, read_flag
from ossrep.customer.queries.numbers import get_account_id, get_premises_id
from ossrep.customer.usecases.enroll import Wish, submit_enrollment
from ossrep.kernel.errors import DomainError


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledRow:
    """What became of a row: the enrollment's number, or why it was refused."""

    line: int
    enrollment: str = ""
    refusal: str = ""


def enroll_file(*, path: Path, now: dt.datetime) -> Iterator[EnrolledRow]:
    """Submits each row; repeating the file changes nothing. Raises EnrollmentFileRefused."""
    for row in read_enrollments(path=path):
        if row.cells is None:
            yield EnrolledRow(line=row.line, refusal="has too few or too many cells")
            continue
        try:
            number = submit_enrollment(wish=_wish(row.cells), now=now)
        except DomainError as refusal:
            yield EnrolledRow(line=row.line, refusal=str(refusal))
        else:
            yield EnrolledRow(line=row.line, enrollment=number)


def _wish(cells: Mapping[str, str]) -> Wish:
    flags = {
        name: read_flag(name=name, text=cells[name])
        for name in ("priority", "special_needs", "usage_history")
    }
    return Wish(
        kind=cells["kind"],
        account_id=get_account_id(number=cells["account"]),
        premises_id=get_premises_id(number=cells["premises"]),
        plan_code=cells["plan"],
        wanted_date=read_date(name="wanted_date", text=cells["wanted_date"]),
        is_priority=flags["priority"],
        has_special_needs=flags["special_needs"],
        wants_usage_history=flags["usage_history"],
        consented_date=read_date(name="consented_date", text=cells["consented_date"]),
        consent_channel=cells["consent_channel"],
        number=cells["enrollment"] or None,
    )

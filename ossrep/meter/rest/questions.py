"""What a caller may ask of usage, read from the parameters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from ossrep.kernel.periods import DatePeriod, InvalidPeriod
from ossrep.meter.domain.usage_series import Granularity
from ossrep.meter.queries.customer_usage import UsageQuestion

SPAN_PARAMETERS = [
    OpenApiParameter("from", dt.date, description="First local date."),
    OpenApiParameter("to", dt.date, description="Local date after the last; default today."),
    OpenApiParameter("esiId", str, description="Only this ESI ID of the account."),
]
GRANULARITY_PARAMETER = OpenApiParameter(
    "granularity",
    str,
    enum=[str(granularity) for granularity in Granularity],
    description="Time of one reading; default day.",
)
_YEARS = (2000, 2100)


def usage_question(
    request: Request, *, account_id: int, today: dt.date, days: int, granularity: Granularity | None
) -> UsageQuestion:
    """The question of a request; ``days`` before ``to`` where it names no ``from``.

    ``granularity`` None: the caller says it. Raises ValidationError with the parameter's name.
    """
    given = request.query_params
    end = _date(given, "to") or today
    start = _date(given, "from") or end - dt.timedelta(days=days)
    try:
        period = DatePeriod(start, end)
    except InvalidPeriod as error:
        raise _refusal("to", "invalid_period", error.message) from error
    return UsageQuestion(
        account_id=account_id,
        period=period,
        granularity=granularity or _granularity(given.get("granularity", str(Granularity.DAY))),
        esi_id=given.get("esiId", ""),
    )


def _date(given: Mapping[str, str], name: str) -> dt.date | None:
    text = given.get(name)
    if text is None:
        return None
    try:
        found = dt.date.fromisoformat(text) if len(text) == len("2026-01-31") else None
    except ValueError:
        found = None
    if found is None or not _YEARS[0] <= found.year < _YEARS[1]:
        raise _refusal(
            name, "invalid_date", f"{name} is a date as 2026-01-31, from {_YEARS[0]} on."
        )
    return found


def _granularity(text: str) -> Granularity:
    try:
        return Granularity(text)
    except ValueError as error:
        names = ", ".join(Granularity)
        raise _refusal(
            "granularity", "invalid_choice", f"granularity is one of: {names}."
        ) from error


def _refusal(name: str, code: str, text: str) -> ValidationError:
    return ValidationError({name: [ErrorDetail(text, code=code)]})

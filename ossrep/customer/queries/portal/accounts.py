"""Accounts with their places and meters, as the customer portal shows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from ossrep.customer import db
from ossrep.customer.domain.portal_status import (
    AccountStatus,
    Life,
    MeterStatus,
    account_status,
    meter_status,
)
from ossrep.infra.auth.scope import CustomerScope


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalMeter:
    """A meter at a place."""

    meter_id: int
    number: str
    status: MeterStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalPremises:
    """A place of an account; ``is_primary`` is where its oldest contract of those shown is."""

    premises_id: int
    street: str
    unit: str
    city: str
    state: str
    zip_code: str
    is_primary: bool
    meters: tuple[PortalMeter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalAccount:
    """An account; places of contracts that serve or will, else of the last that did."""

    account_id: int
    number: str
    customer_id: int
    nickname: str
    created_at: dt.datetime
    status: AccountStatus
    premises: tuple[PortalPremises, ...]


_ACCOUNTS = """
    SELECT a.id, a.number, a.customer_id, a.nickname, a.created_at,
        k.id, k.status, k.start_date, k.end_date, k.term_end_date, k.end_reason,
        p.id, p.service_line1, p.service_line2, p.service_city, p.service_state, p.service_zip,
        m.id, m.number, m.removed_date
    FROM account a
    LEFT JOIN contract k ON k.account_id = a.id
    LEFT JOIN premises p ON p.id = k.premises_id
    LEFT JOIN meter m ON m.premises_id = p.id
    WHERE a.id = ANY(%s::bigint[])
    ORDER BY a.id, k.start_date, k.id, m.installed_date, m.id
"""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    life: Life
    row: Row
    meters: Sequence[Row]


def list_accounts(*, scope: CustomerScope, day: dt.date) -> Sequence[PortalAccount]:
    """The scope's accounts by id with statuses of the day; one statement."""
    rows = db.external_rows(_ACCOUNTS, [scope.account_ids], scope=scope)
    return [_account(list(own), day) for _, own in groupby(rows, key=itemgetter(0))]


def _account(rows: Sequence[Row], day: dt.date) -> PortalAccount:
    head = rows[0]
    places = [_place(list(own)) for key, own in groupby(rows, key=itemgetter(5)) if key is not None]
    return PortalAccount(
        account_id=head[0],
        number=head[1],
        customer_id=head[2],
        nickname=head[3],
        created_at=head[4],
        status=account_status([place.life for place in places], day=day),
        premises=tuple(_premises(_shown(places, day), day)),
    )


def _place(rows: Sequence[Row]) -> _Place:
    head = rows[0]
    life = Life(
        status=head[6],
        start_date=head[7],
        end_date=head[8],
        term_end_date=head[9],
        end_reason=head[10],
    )
    return _Place(life, head, [row for row in rows if row[17] is not None])


def _shown(places: Collection[_Place], day: dt.date) -> Sequence[_Place]:
    running = [p for p in places if p.life.serves(day) or p.life.is_to_come(day)]
    ended = [place for place in places if place.life.end_date is not None]
    if running or not ended:
        return running
    last = max(place.life.end_date for place in ended if place.life.end_date)
    return [place for place in ended if place.life.end_date == last]


def _premises(places: Iterable[_Place], day: dt.date) -> Iterable[PortalPremises]:
    """Each place once; it is served when any of its contracts serves."""
    by_id: dict[int, list[_Place]] = {}
    for place in places:
        by_id.setdefault(place.row[11], []).append(place)
    for position, (premises_id, own) in enumerate(by_id.items()):
        is_served = any(place.life.serves(day) for place in own)
        _, line1, line2, city, state, zip_code = own[0].row[11:17]
        yield PortalPremises(
            premises_id=premises_id,
            street=line1,
            unit=line2,
            city=city,
            state=state,
            zip_code=zip_code,
            is_primary=position == 0,
            meters=tuple(
                PortalMeter(
                    meter_id=meter_id,
                    number=number,
                    status=meter_status(removed_date=removed, is_served=is_served, day=day),
                )
                for meter_id, number, removed in (row[17:20] for row in own[0].meters)
            ),
        )

"""Brings channels, our identities and trading partners in line with a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import IntegrityError
from django.db.models import Model

from ossrep.kernel.errors import DomainError
from ossrep.market.db import transaction
from ossrep.market.files.partner_files import InvalidPartners, read_partners
from ossrep.market.models import Channel, MarketIdentity, TradingPartner


class PartnersCollide(DomainError):
    """Two records with the same ids: messages could not be told apart."""

    code = "partners_collide"


@dataclass(slots=True)
class PartnersImported:
    """Codes of what was added, changed, and as it was."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)


def import_partners(*, path: Path) -> PartnersImported:
    """Adds what is new and changes what differs, all or nothing; what the file leaves out stays.

    Raises ``InvalidPartners`` and ``InvalidYaml`` with file and line, and ``PartnersCollide``.
    """
    read = read_partners(path=path)
    outcome = PartnersImported()
    try:
        with transaction():
            for code, values in read.channels.items():
                _put(Channel, {"code": code}, values, outcome, f"channel {code}")
            _clear_default(read.identities)
            for duns, values in read.identities.items():
                _put(MarketIdentity, {"duns": duns}, values, outcome, f"us {duns}")
            for code, values in read.partners.items():
                known = _with_channel(code, values, path)
                _put(TradingPartner, {"code": code}, known, outcome, code)
    except IntegrityError as error:
        raise PartnersCollide(
            f"an id, a code or the default is there twice: {str(error).splitlines()[0]}",
            where=str(path),
        ) from error
    return outcome


def _clear_default(identities: Mapping[str, Mapping[str, Any]]) -> None:
    if any(values["is_default"] for values in identities.values()):
        MarketIdentity.objects.filter(is_default=True).exclude(
            duns__in=[duns for duns, values in identities.items() if values["is_default"]]
        ).update(is_default=False)


def _with_channel(code: str, values: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    if not values.get("channel"):
        return {**values, "channel": None} if "channel" in values else values
    channel = Channel.objects.filter(code=values["channel"]).first()
    if channel is None:
        raise InvalidPartners(
            f"no channel has the code {values['channel']!r}", where=f"{path}: partner {code}"
        )
    return {**values, "channel": channel}


def _put(
    model: type[Model],
    key: Mapping[str, str],
    values: Mapping[str, Any],
    outcome: PartnersImported,
    name: str,
) -> None:
    row = model._default_manager.filter(**key).first()
    if row is None:
        model._default_manager.create(**key, **values)
        outcome.added.append(name)
        return
    changed = [column for column, value in values.items() if getattr(row, column) != value]
    if not changed:
        outcome.same.append(name)
        return
    for column in changed:
        setattr(row, column, values[column])
    row.save(update_fields=changed)
    outcome.changed.append(name)

"""A package that a partner posts to our end of NAESB EDM."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ossrep.kernel.errors import DomainError
from ossrep.market.files.transports.model import TransportError
from ossrep.market.files.transports.naesb import dialect_of
from ossrep.market.files.transports.pgp import open_pgp
from ossrep.market.models import Channel, TradingPartner
from ossrep.market.usecases.interchange.sending import config_of
from ossrep.market.usecases.interchange.storing import InboundFileId, store_file

EDM = "naesb"


class PackageRefused(DomainError):
    """A package that is not taken; the sender is told the words, nothing is stored as mail."""

    code = "package_refused"


class NotLetIn(DomainError):
    """No such end point, or wrong credentials: both answered alike."""

    code = "not_let_in"


@dataclass(frozen=True, slots=True)
class Login:
    """HTTP Basic credentials as sent; empty where none were."""

    user: str = ""
    password: str = ""


def take_package(
    *,
    channel_code: str,
    login: Login,
    form: Mapping[str, str],
    sealed: Mapping[str, bytes],
    received_at: dt.datetime,
) -> InboundFileId:
    """Opens, checks the signature, and stores the content in a committed transaction.

    ``form`` and ``sealed`` have the names on the wire. The channel's settings ``user_in`` and
    ``password_in_variable`` guard the door; the partner is told by its id in ``from``, and its
    own key must have signed. Raises ``NotLetIn`` or ``PackageRefused``; a refused package is
    kept beside the journal, in ``refused``.
    """
    channel = Channel.objects.filter(code=channel_code, transport=EDM, is_active=True).first()
    if channel is None or not _is_let_in(channel, login):
        raise NotLetIn("there is no such end point for these credentials")
    partner = _sender(channel, form)
    config = config_of(channel=channel, partner=partner)
    name = dialect_of(config).fields["data"]
    data = sealed.get(name)
    if data is None:
        raise PackageRefused(f"the form has no file {name!r}")
    try:
        content = open_pgp(config).unseal(data)
    except TransportError as error:
        _keep(Path(config.text("journal")) / "refused", data)
        raise PackageRefused(error.message) from error
    stored = store_file(
        name=f"{partner.code}-{received_at:%Y%m%dT%H%M%S}.edi",
        data=content,
        channel=channel,
        now=received_at,
        partner=partner,
    )
    return stored.file_id


def _is_let_in(channel: Channel, login: Login) -> bool:
    user = str(channel.settings.get("user_in", ""))
    password = os.environ.get(str(channel.settings.get("password_in_variable", "")), "")
    if not user or not password:
        return False
    is_user = hmac.compare_digest(login.user.encode(), user.encode())
    return hmac.compare_digest(login.password.encode(), password.encode()) and is_user


def _sender(channel: Channel, form: Mapping[str, str]) -> TradingPartner:
    wire = dialect_of(config_of(channel=channel)).fields["from"]
    duns = form.get(wire, "")
    found = TradingPartner.objects.filter(channel=channel, duns=duns, is_active=True).first()
    if found is None or not duns:
        raise PackageRefused(f"{wire}={duns[:20]!r} is no partner of this end point")
    return found


def _keep(folder: Path, data: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{hashlib.sha256(data).hexdigest()}.pgp").write_bytes(data)

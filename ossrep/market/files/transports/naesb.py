"""NAESB EDM 1.6: a PGP payload as multipart form over HTTPS, and a receipt for it.

The names of the fields, the version and the words of a receipt are general knowledge, not from
the official guide; so they are settings of the channel (``fields``, ``values``) with those
defaults. Sourced: HTTPS with PGP, three attempts and then it is a failure, a ``refnum`` that
never repeats, a resend that carries the first one as ``refnum-orig``, and the receipt's
``time-c``, ``request-status``, ``server-id`` and ``trans-id``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from ossrep.market.files.transports.model import (
    ChannelConfig,
    Incoming,
    Receipt,
    TransportError,
    UnknownTransport,
)
from ossrep.market.files.transports.pgp import Pgp, open_pgp

ATTEMPTS_MAX = 3
SECONDS_MAX = 60
SECONDS_BETWEEN_ATTEMPTS = 1.0
REFERENCE_DIGITS = 18
RECEIPT_BYTES_MAX = 100_000
RECEIPT_TEXT_MAX = 2_000

FIELDS: Mapping[str, str] = {
    "from": "from",
    "to": "to",
    "version": "version",
    "disposition": "receipt-disposition-to",
    "report": "receipt-report-type",
    "format": "input-format",
    "data": "input-data",
    "reference": "refnum",
    "first_reference": "refnum-orig",
}
"""Our name of each field to the name on the wire."""

VALUES: Mapping[str, str] = {
    "version": "1.6",
    "report": "gisb-acknowledgement-receipt",
    "format": "X12",
    "status_ok": "ok",
}

_RECEIPT = re.compile(r"(time-c|request-status|server-id|trans-id)\s*=\s*([^*\r\n<]*)\*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Field names and fixed values, the channel's own over the defaults."""

    fields: Mapping[str, str] = field(default_factory=lambda: FIELDS)
    values: Mapping[str, str] = field(default_factory=lambda: VALUES)


@dataclass(frozen=True, slots=True)
class EdmReceipt:
    """What the other end said of a package; empty where it said nothing."""

    status: str
    transaction: str
    server: str
    received: str


def read_receipt(text: str) -> EdmReceipt:
    """The receipt in an answer, whatever stands around it."""
    found = {name: value.strip() for name, value in _RECEIPT.findall(text)}
    return EdmReceipt(
        status=found.get("request-status", ""),
        transaction=found.get("trans-id", ""),
        server=found.get("server-id", ""),
        received=found.get("time-c", ""),
    )


def open_naesb(config: ChannelConfig) -> NaesbTransport:
    """Settings: ``url``, ``own_id`` (our DUNS), ``journal`` (a folder that remembers references)
    and those of PGP. Optional: ``ca_file``, ``client_certificate``, ``user`` with
    ``password_variable``, ``fields``, ``values``.
    """
    return NaesbTransport(
        url=config.text("url"),
        own_id=config.text("own_id"),
        partner_id=config.keys.duns,
        journal=Path(config.text("journal")),
        pgp=open_pgp(config),
        client=_client(config),
        dialect=dialect_of(config),
    )


def dialect_of(config: ChannelConfig) -> Dialect:
    """The channel's ``fields`` and ``values``; ``UnknownTransport`` names one that is no field."""
    own: dict[str, Mapping[str, str]] = {}
    for part, known in (("fields", FIELDS), ("values", VALUES)):
        given = config.settings.get(part) or {}
        wrong = sorted(set(given) - set(known)) if isinstance(given, Mapping) else [str(given)]
        if wrong:
            raise UnknownTransport(
                f"{part} has {wrong[0]!r}; there are {', '.join(known)}",
                where=f"channel {config.code}",
            )
        own[part] = {**known, **{name: str(value) for name, value in given.items()}}
    return Dialect(fields=own["fields"], values=own["values"])


def _client(config: ChannelConfig) -> httpx.Client:
    if not config.text("url").startswith("https://"):
        raise UnknownTransport("url must begin with https://", where=f"channel {config.code}")
    authority = config.settings.get("ca_file")
    context = ssl.create_default_context(cafile=str(authority) if authority else None)
    certificate = config.settings.get("client_certificate")
    if certificate:
        context.load_cert_chain(str(certificate))
    variable = config.settings.get("password_variable")
    user = config.settings.get("user")
    password = os.environ.get(str(variable), "") if variable else ""
    if user and not password:
        raise UnknownTransport(
            f"the environment variable {variable} with the password is not set",
            where=f"channel {config.code}",
        )
    return httpx.Client(
        verify=context,
        auth=(str(user), password) if user else None,
        timeout=SECONDS_MAX,
        follow_redirects=False,
        trust_env=False,
    )


class NaesbTransport:
    """Sends packages; what partners send arrives at our own end (``rest/edm.py``)."""

    def __init__(
        self,
        *,
        url: str,
        own_id: str,
        partner_id: str,
        journal: Path,
        pgp: Pgp,
        client: httpx.Client,
        dialect: Dialect,
        seconds_between: float = SECONDS_BETWEEN_ATTEMPTS,
    ) -> None:
        self._url = url
        self._own_id = own_id
        self._partner_id = partner_id
        self._journal = journal
        self._pgp = pgp
        self._client = client
        self._dialect = dialect
        self._seconds_between = seconds_between

    def put(self, *, name: str, data: bytes) -> Receipt:
        """Three attempts; each has a reference of its own and names the first one's."""
        sealed = self._pgp.seal(data)
        last: TransportError | None = None
        for attempt in range(ATTEMPTS_MAX):
            if attempt:
                time.sleep(self._seconds_between)
            first, own = self._take_references(name, data)
            try:
                return self._post(name, sealed, reference=own, first=first)
            except TransportError as error:
                if error.is_permanent:
                    raise
                last = error
        assert last is not None
        raise TransportError(f"{ATTEMPTS_MAX} attempts: {last.message}", where=self._url)

    def list_incoming(self) -> Sequence[Incoming]:
        """Nothing waits at the other end: partners post to ours, which stores at once."""
        return []

    def take(self, *, name: str) -> bytes:
        """There is never anything to take."""
        raise TransportError("nothing is fetched over EDM", where=name, is_permanent=True)

    def finish(self, *, name: str) -> None:
        """There is never anything to finish."""

    def close(self) -> None:
        """Ends the connections."""
        self._client.close()

    def _post(self, name: str, sealed: bytes, *, reference: str, first: str) -> Receipt:
        fields, values = self._dialect.fields, self._dialect.values
        form = {
            fields["from"]: self._own_id,
            fields["to"]: self._partner_id,
            fields["version"]: values["version"],
            fields["disposition"]: self._own_id,
            fields["report"]: values["report"],
            fields["format"]: values["format"],
            fields["reference"]: reference,
        }
        if first != reference:
            form[fields["first_reference"]] = first
        files = {fields["data"]: (f"{name}.pgp", sealed, "application/pgp-encrypted")}
        try:
            answer = self._client.post(self._url, data=form, files=files)
        except httpx.HTTPError as error:
            raise TransportError(f"no answer: {error}", where=self._url) from error
        return self._judge(answer)

    def _judge(self, answer: httpx.Response) -> Receipt:
        text = answer.content[:RECEIPT_BYTES_MAX].decode("utf-8", "replace")
        if answer.status_code != httpx.codes.OK:
            # 4xx will not change by itself, but for "later" and "too many".
            is_ours = answer.is_client_error and answer.status_code not in (408, 425, 429)
            raise TransportError(
                f"answered {answer.status_code}", where=self._url, is_permanent=is_ours
            )
        receipt = read_receipt(text)
        if not receipt.status:
            raise TransportError("answered without a receipt", where=self._url)
        if receipt.status.lower() != self._dialect.values["status_ok"]:
            raise TransportError(
                f"refused: request-status={receipt.status}", where=self._url, is_permanent=True
            )
        return Receipt(reference=receipt.transaction, text=text[:RECEIPT_TEXT_MAX])

    def _take_references(self, name: str, data: bytes) -> tuple[str, str]:
        """The first attempt's reference and this one's; kept on disk before anything is sent."""
        digest = hashlib.sha256(name.encode() + b"\0" + data).hexdigest()
        path = self._journal / f"{digest[:40]}.json"
        own = f"{secrets.randbelow(10**REFERENCE_DIGITS):0{REFERENCE_DIGITS}d}"
        taken: list[str] = json.loads(path.read_text()) if path.exists() else []
        self._journal.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".tmp")
        beside.write_text(json.dumps([*taken, own]))
        beside.replace(path)
        return (taken[0] if taken else own), own

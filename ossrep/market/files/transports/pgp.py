"""Payloads encrypted to the partner and signed by us, by GnuPG itself."""

from __future__ import annotations

import os
from pathlib import Path

import gnupg

from ossrep.market.files.transports.model import ChannelConfig, TransportError, UnknownTransport


def open_pgp(config: ChannelConfig) -> Pgp:
    """Settings: ``gnupg_home`` (a key ring), ``own_fingerprint`` (our key in it) and, where it has
    a passphrase, ``passphrase_variable``. The partner's key is the one in the partner's record.
    """
    variable = config.settings.get("passphrase_variable")
    passphrase = os.environ.get(str(variable)) if variable else None
    if variable and passphrase is None:
        raise UnknownTransport(
            f"the environment variable {variable} with the passphrase is not set",
            where=f"channel {config.code}",
        )
    return Pgp(
        home=Path(config.text("gnupg_home")),
        own_fingerprint=config.text("own_fingerprint"),
        passphrase=passphrase,
        partner_fingerprint=config.keys.pgp_fingerprint,
        partner_key=config.keys.pgp_public_key,
    )


class Pgp:
    """Our key and one partner's; nobody else's signature counts."""

    def __init__(
        self,
        *,
        home: Path,
        own_fingerprint: str,
        passphrase: str | None,
        partner_fingerprint: str,
        partner_key: str,
    ) -> None:
        if not partner_fingerprint:
            raise UnknownTransport("the partner's record has no PGP fingerprint")
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._gpg = gnupg.GPG(gnupghome=str(home))
        self._gpg.encoding = "utf-8"
        self._own = own_fingerprint
        self._passphrase = passphrase
        self._partner = partner_fingerprint.upper()
        if partner_key:
            self._gpg.import_keys(partner_key)

    def seal(self, data: bytes) -> bytes:
        """Encrypted to the partner and signed; ``TransportError`` with GnuPG's words."""
        found = self._gpg.encrypt(
            data,
            [self._partner],
            sign=self._own,
            passphrase=self._passphrase,
            always_trust=True,
            armor=False,
        )
        if not found.ok:
            raise TransportError(
                f"cannot be encrypted: {found.status}", where="PGP", is_permanent=True
            )
        return bytes(found.data)

    def unseal(self, data: bytes) -> bytes:
        """The content, if it is whole and the partner's own key signed it."""
        found = self._gpg.decrypt(data, passphrase=self._passphrase, always_trust=True)
        if not found.ok:
            raise TransportError(
                f"cannot be decrypted: {found.status}", where="PGP", is_permanent=True
            )
        if not found.valid or (found.pubkey_fingerprint or "").upper() != self._partner:
            raise TransportError(
                "is not signed by the partner's key", where="PGP", is_permanent=True
            )
        return bytes(found.data)

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from ossrep.infra.auth.issuers import Issuer, read_issuers
from ossrep.infra.auth.keys import KeyStore, KeysUnavailable
from tests.token_issuer import ISSUER, TokenIssuer


class Hours:
    """A counter of seconds that the test turns."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def own_issuer() -> Iterator[TokenIssuer]:
    issuer = TokenIssuer()
    yield issuer
    issuer.close()


def _configured(issuer: TokenIssuer) -> Issuer:
    return read_issuers([issuer.entry()])[ISSUER]


class TestKeyStore:
    def test_asks_once_for_known_keys(self, own_issuer: TokenIssuer) -> None:
        store, issuer = KeyStore(), _configured(own_issuer)

        found = [store.find(issuer=issuer, kid=kid) for kid in ("rsa-1", "ec-1", "rsa-1")]

        assert [key.algorithm_name for key in found if key] == ["RS256", "ES256", "RS256"]
        assert own_issuer.fetches == 1

    def test_asks_anew_for_an_unknown_key_with_a_limit(self, own_issuer: TokenIssuer) -> None:
        hours = Hours()
        store, issuer = KeyStore(monotonic=hours), _configured(own_issuer)
        store.find(issuer=issuer, kid="rsa-1")
        hours.seconds += 11

        for n in range(100):
            assert store.find(issuer=issuer, kid=f"unknown-{n}") is None

        assert own_issuer.fetches == 2

    def test_finds_a_new_key_and_forgets_an_old_one(self, own_issuer: TokenIssuer) -> None:
        hours = Hours()
        store, issuer = KeyStore(monotonic=hours), _configured(own_issuer)
        store.find(issuer=issuer, kid="rsa-1")
        own_issuer.keys = {"rsa-2": rsa.generate_private_key(public_exponent=65537, key_size=2048)}
        hours.seconds += 11

        assert store.find(issuer=issuer, kid="rsa-2") is not None
        assert store.find(issuer=issuer, kid="rsa-1") is None

    def test_forgets_a_key_that_was_taken_back_within_minutes(
        self, own_issuer: TokenIssuer
    ) -> None:
        hours = Hours()
        store, issuer = KeyStore(monotonic=hours), _configured(own_issuer)
        store.find(issuer=issuer, kid="rsa-1")
        del own_issuer.keys["rsa-1"]
        hours.seconds += 301

        assert store.find(issuer=issuer, kid="rsa-1") is None

    def test_lives_on_kept_keys_while_the_issuer_is_silent(self, own_issuer: TokenIssuer) -> None:
        hours = Hours()
        store, issuer = KeyStore(monotonic=hours), _configured(own_issuer)
        store.find(issuer=issuer, kid="rsa-1")
        own_issuer.status = 500
        hours.seconds += 100

        assert store.find(issuer=issuer, kid="other") is None
        assert store.find(issuer=issuer, kid="rsa-1") is not None
        hours.seconds += 201
        with pytest.raises(KeysUnavailable, match="status 500"):
            store.find(issuer=issuer, kid="rsa-1")

    def test_follows_no_redirect(self, own_issuer: TokenIssuer) -> None:
        own_issuer.status = 302

        with pytest.raises(KeysUnavailable, match="status 302"):
            KeyStore().find(issuer=_configured(own_issuer), kid="rsa-1")

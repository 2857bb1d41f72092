from __future__ import annotations

from typing import Any

import pytest

from ossrep.infra.auth.issuers import IssuerMisconfigured, read_issuers

GOOD = {"issuer": "https://a.example", "audience": "api", "jwks_url": "https://a.example/jwks"}


class TestReadIssuers:
    def test_takes_several(self) -> None:
        found = read_issuers([GOOD, {**GOOD, "issuer": "https://b.example"}])

        assert list(found) == ["https://a.example", "https://b.example"]

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"audience": ""}, "must not be empty"),
            ({"jwks_url": ""}, "one of jwks_url and jwks"),
            ({"jwks": "a.b"}, "one of jwks_url and jwks"),
            ({"algorithms": ["HS256"]}, "RS256, ES256"),
            ({"types": []}, "types must not be empty"),
            ({"roles": ["superuser"]}, "superuser"),
            ({"rights": {"their-admin": "admin"}}, "area:right"),
            ({"colour": "red"}, "missing or unknown"),
        ],
    )
    def test_refuses_what_cannot_be_meant(self, fields: dict[str, Any], words: str) -> None:
        with pytest.raises(IssuerMisconfigured, match=words) as refusal:
            read_issuers([{**GOOD, **fields}])

        assert refusal.value.where == "OSSREP_ISSUERS[0]"

    def test_refuses_one_twice(self) -> None:
        with pytest.raises(IssuerMisconfigured, match="configured twice"):
            read_issuers([GOOD, GOOD])

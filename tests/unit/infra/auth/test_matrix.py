from __future__ import annotations

from pathlib import Path

import pytest

from ossrep.infra.auth.matrix import MatrixInvalid, may, read_matrix
from ossrep.infra.auth.principal import Principal


def _principal(*, roles: set[str], rights: set[str] | None = None) -> Principal:
    return Principal(
        issuer="i", subject="s", roles=frozenset(roles), rights=frozenset(rights or set())
    )


class TestReadMatrix:
    def test_takes_roles_and_rights(self, tmp_path: Path) -> None:
        path = tmp_path / "matrix.yaml"
        path.write_text('routes:\n  a: {GET: [csr, "service-point:user"], POST: [admin]}\n')

        assert read_matrix(path=path) == {
            "a": {"GET": {"csr", "service-point:user"}, "POST": {"admin"}}
        }

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ("FETCH: [admin]", "'FETCH' is none of"),
            ("GET: [boss]", "boss"),
            ("GET: []", "nobody"),
            ("GET: [public, admin]", "public stands alone"),
        ],
    )
    def test_refuses_what_there_is_not(self, tmp_path: Path, row: str, words: str) -> None:
        path = tmp_path / "matrix.yaml"
        path.write_text(f"routes:\n  a: {{{row}}}\n")

        with pytest.raises(MatrixInvalid, match=words):
            read_matrix(path=path)


class TestMay:
    def test_lets_everybody_call_what_is_public(self) -> None:
        assert may(None, route="docs", method="GET") is True
        assert may(None, route="docs", method="HEAD") is True
        assert may(None, route="docs", method="POST") is False

    def test_lets_nobody_call_what_has_no_row(self) -> None:
        admin = _principal(roles={"admin"})

        assert may(admin, route="no-such-route", method="GET") is False
        assert may(admin, route="", method="GET") is False

from __future__ import annotations

import base64
import email
import email.policy
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import gnupg
import pytest
from django.test import Client

from ossrep.market.files.transports.model import (
    ChannelConfig,
    PartnerKeys,
    Receipt,
    TransportError,
    UnknownTransport,
)
from ossrep.market.files.transports.naesb import NaesbTransport, open_naesb, read_receipt
from ossrep.market.files.transports.pgp import open_pgp
from ossrep.market.models import Channel, InboundFile, TradingPartner
from tests.services import missing_service
from tests.tls_partner import Answer, Posted, TlsPartner, make_certificate

US, PARTNER = "999999999", "1039940674000"
RECEIPT = (
    b"--b\r\nContent-Type: text/plain\r\n\r\ntime-c=20260218101500*\r\n"
    b"request-status=ok*\r\nserver-id=edm.partner*\r\ntrans-id=8150042*\r\n--b--"
)
CONTENT = b"ISA*00*          ~IEA*0*000000001~"


class Ring:
    """A GnuPG key ring with one key."""

    def __init__(self, home: Path, name: str) -> None:
        home.mkdir(mode=0o700)
        self.home = home
        self.gpg = gnupg.GPG(gnupghome=str(home))
        wanted = self.gpg.gen_key_input(
            key_type="EDDSA",
            key_curve="ed25519",
            subkey_type="ECDH",
            subkey_curve="cv25519",
            name_real=name,
            name_email=f"{name}@example.com",
            no_protection=True,
        )
        self.fingerprint = str(self.gpg.gen_key(wanted).fingerprint)
        self.public = str(self.gpg.export_keys(self.fingerprint))


@pytest.fixture(scope="module")
def rings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ring, Ring, Ring]]:
    """Ours, the partner's and a stranger's; the first two know each other's public key."""
    if shutil.which("gpg") is None:
        missing_service("gpg is not installed (Debian: gnupg)")
    # GnuPG's agent listens on a socket in the ring's folder, whose path must be short.
    folder = Path(tmp_path_factory.mktemp("pgp"))
    ours, theirs, stranger = (Ring(folder / name, name) for name in ("us", "oncor", "nobody"))
    ours.gpg.import_keys(theirs.public)
    theirs.gpg.import_keys(ours.public)
    stranger.gpg.import_keys(ours.public)
    yield ours, theirs, stranger
    for ring in (ours, theirs, stranger):
        shutil.rmtree(ring.home, ignore_errors=True)


def _answering(*answers: Answer) -> Callable[[Posted], Answer]:
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., TlsPartner]]:
    started: list[TlsPartner] = []

    def _start(*answers: Answer) -> TlsPartner:
        partner = TlsPartner(folder=tmp_path / "tls", answer=_answering(*answers))
        started.append(partner)
        return partner

    yield _start
    for partner in started:
        partner.stop()


def _config(rings: tuple[Ring, Ring, Ring], folder: Path, **settings: object) -> ChannelConfig:
    ours, theirs, _ = rings
    return ChannelConfig(
        code="oncor-edm",
        transport="naesb",
        settings={
            "own_id": US,
            "journal": str(folder / "journal"),
            "gnupg_home": str(ours.home),
            "own_fingerprint": ours.fingerprint,
            **settings,
        },
        keys=PartnerKeys(
            partner="ONCOR_ELEC",
            duns=PARTNER,
            pgp_fingerprint=theirs.fingerprint,
            pgp_public_key=theirs.public,
        ),
    )


def _open(
    rings: tuple[Ring, Ring, Ring], folder: Path, partner: TlsPartner, **settings: object
) -> NaesbTransport:
    config = _config(rings, folder, url=partner.url, ca_file=str(partner.certificate), **settings)
    transport = open_naesb(config)
    transport._seconds_between = 0.0
    return transport


def _form(posted: Posted) -> dict[str, bytes]:
    raw = f"Content-Type: {posted.headers['Content-Type']}\r\n\r\n".encode() + posted.body
    message = email.message_from_bytes(raw, policy=email.policy.HTTP)
    return {
        str(part.get_param("name", header="Content-Disposition")): part.get_payload(decode=True)
        for part in message.iter_parts()
    }


class TestPut:
    def test_hands_over_what_only_the_partner_can_read(
        self, rings: tuple[Ring, Ring, Ring], tmp_path: Path, start: Callable[..., TlsPartner]
    ) -> None:
        partner = start(Answer(200, RECEIPT))
        transport = _open(rings, tmp_path, partner)

        receipt = transport.put(name="a.edi", data=CONTENT)
        transport.close()

        form = _form(partner.posted[0])
        opened = rings[1].gpg.decrypt(form["input-data"], always_trust=True)
        assert receipt == Receipt("8150042", RECEIPT.decode())
        assert (form["from"], form["to"]) == (US.encode(), PARTNER.encode())
        assert (form["version"], form["input-format"]) == (b"1.6", b"X12")
        assert "refnum-orig" not in form
        assert opened.data == CONTENT
        assert opened.pubkey_fingerprint == rings[0].fingerprint
        assert CONTENT not in partner.posted[0].body

    def test_tries_three_times_with_the_first_reference(
        self, rings: tuple[Ring, Ring, Ring], tmp_path: Path, start: Callable[..., TlsPartner]
    ) -> None:
        partner = start(Answer(503, b""), Answer(200, b"no receipt"), Answer(200, RECEIPT))
        transport = _open(rings, tmp_path, partner)

        receipt = transport.put(name="a.edi", data=CONTENT)
        transport.close()

        forms = [_form(posted) for posted in partner.posted]
        assert receipt.reference == "8150042"
        assert len({form["refnum"] for form in forms}) == 3
        assert [form.get("refnum-orig") for form in forms] == [None, *[forms[0]["refnum"]] * 2]

    def test_a_later_try_names_the_first_reference_of_all(
        self, rings: tuple[Ring, Ring, Ring], tmp_path: Path, start: Callable[..., TlsPartner]
    ) -> None:
        partner = start(*[Answer(503, b"")] * 3, Answer(200, RECEIPT))
        first = _open(rings, tmp_path, partner)
        with pytest.raises(TransportError, match="3 attempts: answered 503") as failure:
            first.put(name="a.edi", data=CONTENT)
        first.close()

        second = _open(rings, tmp_path, partner)
        second.put(name="a.edi", data=CONTENT)
        second.close()

        forms = [_form(posted) for posted in partner.posted]
        assert failure.value.is_permanent is False
        assert forms[3]["refnum-orig"] == forms[0]["refnum"]
        assert len({form["refnum"] for form in forms}) == 4

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (Answer(200, b"request-status=EEDM699: no such partner*"), "EEDM699"),
            (Answer(401, b""), "answered 401"),
            (Answer(302, b"", {"Location": "https://127.0.0.1:1/"}), "answered 302"),
        ],
    )
    def test_gives_up_where_trying_cannot_help(
        self,
        rings: tuple[Ring, Ring, Ring],
        tmp_path: Path,
        start: Callable[..., TlsPartner],
        answer: Answer,
        words: str,
    ) -> None:
        partner = start(answer)
        transport = _open(rings, tmp_path, partner)

        with pytest.raises(TransportError, match=words):
            transport.put(name="a.edi", data=CONTENT)
        transport.close()

        assert len(partner.posted) == (3 if answer.status == 302 else 1)

    def test_trusts_no_other_certificate(
        self, rings: tuple[Ring, Ring, Ring], tmp_path: Path, start: Callable[..., TlsPartner]
    ) -> None:
        partner = start(Answer(200, RECEIPT))
        other = make_certificate(tmp_path / "other")
        config = _config(rings, tmp_path, url=partner.url, ca_file=str(other))
        transport = open_naesb(config)
        transport._seconds_between = 0.0

        with pytest.raises(TransportError, match=r"no answer: .*certificate"):
            transport.put(name="a.edi", data=CONTENT)
        transport.close()

        assert partner.posted == []

    def test_takes_the_channels_own_field_names(
        self, rings: tuple[Ring, Ring, Ring], tmp_path: Path, start: Callable[..., TlsPartner]
    ) -> None:
        partner = start(Answer(200, RECEIPT))
        transport = _open(rings, tmp_path, partner, fields={"data": "payload"})

        transport.put(name="a.edi", data=CONTENT)
        transport.close()

        assert "payload" in _form(partner.posted[0])

    @pytest.mark.parametrize(
        ("settings", "words"),
        [
            ({"url": "http://127.0.0.1/"}, "must begin with https"),
            ({"url": "https://127.0.0.1/", "fields": {"datum": "x"}}, "fields has 'datum'"),
            ({}, "needs the setting 'url'"),
        ],
    )
    def test_says_which_setting_does_not_fit(
        self,
        rings: tuple[Ring, Ring, Ring],
        tmp_path: Path,
        settings: dict[str, object],
        words: str,
    ) -> None:
        with pytest.raises(UnknownTransport, match=words):
            open_naesb(_config(rings, tmp_path, **settings))


class TestReadReceipt:
    def test_finds_it_between_other_lines(self) -> None:
        receipt = read_receipt(RECEIPT.decode())

        assert (receipt.status, receipt.transaction) == ("ok", "8150042")
        assert (receipt.server, receipt.received) == ("edm.partner", "20260218101500")

    def test_is_empty_where_there_is_none(self) -> None:
        assert read_receipt("<html>welcome</html>").status == ""


@pytest.fixture
def end_point(
    rings: tuple[Ring, Ring, Ring],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    transactional: None,
) -> Channel:
    ours, theirs, _ = rings
    monkeypatch.setenv("ONCOR_EDM_PASSWORD", "let me in")
    channel = Channel.objects.create(
        code="oncor-edm",
        transport="naesb",
        settings={
            "url": "https://127.0.0.1:1/",
            "own_id": US,
            "journal": str(tmp_path / "journal"),
            "gnupg_home": str(ours.home),
            "own_fingerprint": ours.fingerprint,
            "user_in": "oncor",
            "password_in_variable": "ONCOR_EDM_PASSWORD",
        },
    )
    TradingPartner.objects.update_or_create(
        code="ONCOR_ELEC",
        defaults={
            "name": "Oncor",
            "duns": PARTNER,
            "channel": channel,
            "pgp_fingerprint": theirs.fingerprint,
            "pgp_public_key": theirs.public,
        },
    )
    return channel


@pytest.fixture
def transactional(fresh_database: str) -> None:
    """Real commits: a receipt says that the content is committed."""


def _post(
    sealed: bytes, *, sender: str = PARTNER, password: str = "let me in", channel: str = "oncor-edm"
) -> tuple[int, str]:
    from django.core.files.uploadedfile import SimpleUploadedFile

    token = base64.b64encode(f"oncor:{password}".encode()).decode()
    answer = Client().post(
        f"/edm/{channel}",
        {"from": sender, "to": US, "input-data": SimpleUploadedFile("a.pgp", sealed)},
        headers={"Authorization": f"Basic {token}"},
    )
    return answer.status_code, answer.content.decode()


class TestEndPoint:
    def _sealed(self, ring: Ring, recipient: str, data: bytes = CONTENT) -> bytes:
        found = ring.gpg.encrypt(
            data, [recipient], sign=ring.fingerprint, always_trust=True, armor=False
        )
        return bytes(found.data)

    def test_stores_the_content_and_gives_a_receipt(
        self, end_point: Channel, rings: tuple[Ring, Ring, Ring]
    ) -> None:
        status, text = _post(self._sealed(rings[1], rings[0].fingerprint))

        stored = InboundFile.objects.get()
        receipt = read_receipt(text)
        assert status == 200
        assert (receipt.status, receipt.transaction) == ("ok", str(stored.pk))
        assert stored.size_bytes == len(CONTENT)

    def test_takes_the_same_package_once(
        self, end_point: Channel, rings: tuple[Ring, Ring, Ring]
    ) -> None:
        sealed = self._sealed(rings[1], rings[0].fingerprint)
        answers = [read_receipt(_post(sealed)[1]) for _ in range(2)]

        assert [answer.status for answer in answers] == ["ok", "ok"]
        assert InboundFile.objects.count() == 1

    def test_refuses_what_a_stranger_signed(
        self, end_point: Channel, rings: tuple[Ring, Ring, Ring], tmp_path: Path
    ) -> None:
        rings[0].gpg.import_keys(rings[2].public)
        sealed = self._sealed(rings[2], rings[0].fingerprint)

        status, text = _post(sealed)

        refused = list((tmp_path / "journal" / "refused").iterdir())
        assert (status, read_receipt(text).status) == (
            200,
            "EEDM999: is not signed by the partner's key",
        )
        assert InboundFile.objects.count() == 0
        assert [path.read_bytes() for path in refused] == [sealed]

    def test_refuses_what_nobody_sealed(self, end_point: Channel) -> None:
        _, text = _post(CONTENT)

        assert read_receipt(text).status.startswith("EEDM999: cannot be decrypted")
        assert InboundFile.objects.count() == 0

    def test_refuses_an_unknown_sender(
        self, end_point: Channel, rings: tuple[Ring, Ring, Ring]
    ) -> None:
        _, text = _post(self._sealed(rings[1], rings[0].fingerprint), sender="123456789")

        assert read_receipt(text).status == (
            "EEDM999: from='123456789' is no partner of this end point"
        )

    @pytest.mark.parametrize(
        ("password", "channel"), [("wrong", "oncor-edm"), ("let me in", "no-such")]
    )
    def test_lets_nobody_else_in(
        self, end_point: Channel, rings: tuple[Ring, Ring, Ring], password: str, channel: str
    ) -> None:
        sealed = self._sealed(rings[1], rings[0].fingerprint)

        assert _post(sealed, password=password, channel=channel) == (401, "")
        assert InboundFile.objects.count() == 0


class TestOpenPgp:
    def test_wants_the_partners_fingerprint(
        self, rings: tuple[Ring, Ring, Ring], tmp_path: Path
    ) -> None:
        config = _config(rings, tmp_path)
        bare = ChannelConfig(code="x", transport="naesb", settings=config.settings)

        with pytest.raises(UnknownTransport, match="no PGP fingerprint"):
            open_pgp(bare)

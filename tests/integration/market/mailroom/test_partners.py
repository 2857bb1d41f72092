"""Trading partners as data."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connections

from ossrep.market.db import transaction
from ossrep.market.files.partner_files import InvalidPartners
from ossrep.market.models import Channel, MarketIdentity, TradingPartner
from ossrep.market.queries.interchange.partners import find_identity
from ossrep.market.usecases.interchange.import_partners import PartnersCollide, import_partners

pytestmark = pytest.mark.django_db(databases="__all__")

FILE = """\
channels:
  - {code: ercot, transport: folder, settings: {incoming: /tmp/in, outgoing: /tmp/out}}
us:
  - {duns: "999999999", name: SAMPLE REP, default: true}
  - {duns: "9999999990001", name: SECOND BRAND, isa_id: "9999999990001T", brand_id: 2}
partners:
  - {code: ERCOT, channel: ercot}
  - code: TNMP
    channel: ercot
    isa_id: "007929441T"
    test_only: true
    separators: {element: "|", line_end: crlf}
    confidence: sourced
    source: its letter
  - {code: PROVIDER, name: A provider, flat_format: pipe}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "partners.yaml"
    path.write_text(text)
    return path


class TestSeeds:
    def test_are_those_with_a_source(self) -> None:
        partners = TradingPartner.objects.order_by("code")

        assert list(partners.values_list("code", "duns", "isa_id", "confidence")) == [
            ("AEP_CENTRAL", "007924772", "", "sourced"),
            ("AEP_NORTH", "007923311", "", "sourced"),
            ("CENTERPOINT", "957877905", "957877905", "sourced"),
            ("ERCOT", "183529049", "183529049", "sourced"),
            ("LUBBOCK", "0582138934100", "", "inferred"),
            ("NUECES_ELEC", "0088288574800", "", "sourced"),
            ("ONCOR_ELEC", "1039940674000", "103994067", "sourced"),
            ("TNMP", "007929441", "", "sourced"),
        ]


class TestImportPartners:
    def test_adds_and_changes_what_the_file_says(self, tmp_path: Path) -> None:
        outcome = import_partners(path=written(tmp_path, FILE))

        assert outcome.added == ["channel ercot", "us 999999999", "us 9999999990001", "PROVIDER"]
        assert (outcome.changed, outcome.same) == (["ERCOT", "TNMP"], [])
        tnmp = TradingPartner.objects.get(code="TNMP")
        assert (tnmp.name, tnmp.duns) == ("Texas-New Mexico Power", "007929441")
        assert (tnmp.isa_id, tnmp.gs_id, tnmp.lacks) == ("007929441T", "007929441", [])
        assert (tnmp.separators.element, tnmp.separators.line_end) == ("|", "\r\n")

    def test_changes_nothing_the_second_time(self, tmp_path: Path) -> None:
        path = written(tmp_path, FILE)
        import_partners(path=path)

        outcome = import_partners(path=path)

        assert (outcome.added, outcome.changed, len(outcome.same)) == ([], [], 6)

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ("code: TNMP", "code: tnmp", r":8: partners\[1\].code: must be capitals"),
            ('"007929441T"', '"12345678901234567"', r"isa_id: must be 1 to 15"),
            ("line_end: crlf", "line_end: cr", r"line_end: must be one of"),
            ('element: "|"', 'element: "A"', r"element: must be one mark"),
            ("channel: ercot}", "channel: other}", "no channel has the code 'other'"),
            ("test_only: true", "test_only: 1", "test_only: must be true or false"),
            ("source:", "sauce:", "sauce: is not known"),
            ('"999999999"', '"99999"', "duns: must be 9 or 13 digits"),
        ],
    )
    def test_refuses_what_does_not_fit_and_changes_nothing(
        self, tmp_path: Path, old: str, new: str, told: str
    ) -> None:
        with pytest.raises(InvalidPartners, match=told):
            import_partners(path=written(tmp_path, FILE.replace(old, new)))

        assert (Channel.objects.count(), MarketIdentity.objects.count()) == (1, 0)

    def test_refuses_two_that_could_not_be_told_apart(self, tmp_path: Path) -> None:
        other = '{code: OTHER, name: O, channel: ercot, isa_id: "183529049", gs_id: "183529049"}'
        same = f"{FILE}  - {other}\n"

        with pytest.raises(PartnersCollide):
            import_partners(path=written(tmp_path, same))

        assert TradingPartner.objects.filter(code="OTHER").count() == 0


class TestFindIdentity:
    def test_gives_the_brand_s_own_else_the_default(self, tmp_path: Path) -> None:
        import_partners(path=written(tmp_path, FILE))

        found = [find_identity(brand_id=2), find_identity(brand_id=7), find_identity()]

        assert [identity.name for identity in found if identity] == [
            "SECOND BRAND",
            "SAMPLE REP",
            "SAMPLE REP",
        ]

    def test_gives_none_where_we_are_nobody(self) -> None:
        assert find_identity() is None


class TestPartnersCommand:
    def test_lists_what_is_lacking(self) -> None:
        out = StringIO()

        call_command("market", "partners", stdout=out)

        assert (
            "TNMP\tTexas-New Mexico Power\t007929441\t\t\t007929441\tsourced\tchannel, ISA id"
            in (out.getvalue())
        )


class TestWhatWasExchanged:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE inbound_file SET name = ''",
            "DELETE FROM inbound_chunk",
            "UPDATE inbound_outcome SET state = 'applied'",
            "DELETE FROM inbound_set",
            "UPDATE outbound_message SET reference = ''",
            "UPDATE outbound_interchange SET content = ''",
            "DELETE FROM delivery",
        ],
    )
    def test_cannot_be_changed(self, statement: str) -> None:
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction(),
            connections["market"].cursor() as cursor,
        ):
            cursor.execute(statement)

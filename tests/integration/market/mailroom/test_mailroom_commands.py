"""The mailroom's commands."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from ossrep.market.management.subcommands.receive import NotAllTaken
from ossrep.market.models import Channel, InboundArrival, InboundFile, ParkedSet, TradingPartner
from ossrep.market.queries.interchange.showing import NothingFound
from ossrep.market.usecases.interchange.reopening import NotReopened
from ossrep.market.usecases.interchange.waiting import NotParked
from ossrep.market.usecases.matching.paying import prepare_payment
from tests.factories.market_mail import NOW, mail, register, switch_reject
from tests.factories.market_matching import ESI_ID, Post, invoice_set, usage_set

pytestmark = pytest.mark.django_db(databases="__all__")


def run(*words: str) -> str:
    out = StringIO()
    call_command("market", *words, stdout=out)
    return out.getvalue()


def handed_in(folder: Path, **changes: str) -> Path:
    path = folder / "a.edi"
    path.write_bytes(mail(switch_reject(reference="A1"), **changes))  # type: ignore[arg-type]
    return path


class TestReceive:
    def test_takes_files_handed_in(self, tmp_path: Path) -> None:
        register()

        lines = run("receive", str(handed_in(tmp_path)), "--json").splitlines()

        found = json.loads(lines[0])
        assert (found["name"], found["state"]) == ("a.edi", "done")
        assert found["applied"] + found["parked"] + found["rejected"] == 1

    def test_fetches_from_channels_and_sends_the_answer(self, tmp_path: Path) -> None:
        register(folder=tmp_path)
        (tmp_path / "in").mkdir()
        handed_in(tmp_path / "in")

        run("receive")
        run("send")

        assert [file.name for file in (tmp_path / "in" / "done").iterdir()] == ["a.edi"]
        assert [file.name for file in (tmp_path / "out").iterdir()] == [
            "999999999_183529049_000000001_FA.edi"
        ]

    def test_ends_with_an_error_where_something_was_refused(self, tmp_path: Path) -> None:
        register()

        with pytest.raises(NotAllTaken):
            run("receive", str(handed_in(tmp_path, sender="123456789")))


class TestReprocess:
    def test_takes_a_refused_file_again(self, tmp_path: Path) -> None:
        register()
        with pytest.raises(NotAllTaken):
            run("receive", str(handed_in(tmp_path, sender="123456789")))
        TradingPartner.objects.create(code="NEW", name="N", isa_id="123456789", gs_id="123456789")
        file_id = InboundFile.objects.get().pk

        assert "done" in run("reprocess", "--file", str(file_id))
        with pytest.raises(NotReopened):
            run("reprocess", "--file", str(file_id))

    def test_refuses_a_set_that_does_not_wait(self) -> None:
        with pytest.raises(NotParked):
            run("reprocess", "--set", "7")


class TestShow:
    def test_finds_by_number_of_the_sender_and_by_esi_id(self, tmp_path: Path) -> None:
        register()
        run("receive", str(handed_in(tmp_path)))

        for wanted in ("A1", "10443720000000001", "CR1"):
            row = json.loads(run("show", wanted, "--json").splitlines()[0])
            assert (row["what"], row["reference"], row["partner"]) == ("814_02", "A1", "ERCOT")

    def test_tells_what_stands_behind_the_messages(self, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        post = Post(tmp_path / "in")
        due = dt.date(2026, 3, 26)
        post.bring(usage_set(), invoice_set(), invoice_set(reference="I2", usage="", kind="26"))
        prepare_payment(
            tdsp_code="ONCOR_ELEC", due_by=due, payment_date=due, prepared_by="ann",
            references=["I1"], now=NOW,
        )  # fmt: skip
        folder = tmp_path / "ercot"
        Channel.objects.filter(pk=InboundArrival.objects.order_by("pk")[0].channel_id).update(
            transport="folder", settings={"incoming": str(folder)}
        )
        folder.mkdir()
        (folder / "1.edi").write_text("x", encoding="utf-8")

        rows = [json.loads(line) for line in run("show", ESI_ID, "--json").splitlines()]
        told = {row["what"]: row for row in rows}

        assert [row["what"] for row in rows] == [
            "867_03", "810_02", "810_02", "820_02", "period 2026-01-19 to 2026-02-18",
        ]  # fmt: skip
        assert told["867_03"]["file"] == str(folder / "1.edi")
        assert (told["820_02"]["way"], told["820_02"]["told"]) == (
            "out", "184.88 USD on 2026-03-26, of it 184.88 for invoice I1",
        )  # fmt: skip
        assert told["period 2026-01-19 to 2026-02-18"]["told"] == (
            "usage U1; invoice I1 of 184.88 USD"
        )
        first = run("show", ESI_ID).splitlines()[:3]
        assert first[0].endswith("<  867_03  ERCOT  U1: applied")
        assert first[1].strip() == "usage_only 2026-01-19 to 2026-02-18"
        assert first[2].split()[-1] == str(folder / "1.edi")

    def test_says_so_where_there_is_nothing(self) -> None:
        with pytest.raises(NothingFound):
            run("show", "file:7")


class TestParked:
    def test_is_put_aside_with_the_reason(self, tmp_path: Path) -> None:
        register()
        run("receive", str(handed_in(tmp_path)))
        waiting = ParkedSet.objects.filter(settled_at=None).first()
        if waiting is None:
            pytest.skip("the product's handler of 814_02 does not park this one")

        run("reprocess", "--set", str(waiting.pk), "--lay-aside", "--reason", "a test file")

        last = waiting.inbound_set.outcomes.order_by("-number")[0]
        assert (last.state, last.text) == ("rejected", "a test file")

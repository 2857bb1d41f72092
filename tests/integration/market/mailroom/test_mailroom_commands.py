"""The mailroom's commands."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from ossrep.market.management.subcommands.receive import NotAllTaken
from ossrep.market.models import InboundFile, ParkedSet, TradingPartner
from ossrep.market.queries.interchange.showing import NothingFound
from ossrep.market.usecases.interchange.reopening import NotReopened
from ossrep.market.usecases.interchange.waiting import NotParked
from tests.factories.market_mail import mail, register, switch_reject

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

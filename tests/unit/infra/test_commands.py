"""The base of all commands."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import call_command

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel.errors import DomainError


class Refusing(OssrepCommand):
    def add_arguments(self, parser):
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("refuse")
        actions.add_parser("count")

    def handle(self, *args, **options):
        if options["action"] == "refuse":
            raise DomainError("has no period; give one", where="book.csv:3")
        with self.progress("bills", total=5) as advance:
            advance(2)
            advance(3)
        self.stdout.write(f"reason {options['reason']}")


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


class TestOssrepCommand:
    def test_ends_a_refusal_with_status_1_and_where_it_is(self) -> None:
        command = Refusing(stderr=io.StringIO())

        with pytest.raises(SystemExit) as exit_info:
            command.run_from_argv(["manage.py", "refusing", "refuse"])

        assert exit_info.value.code == 1
        assert command.stderr._out.getvalue() == "book.csv:3: has no period; give one\n"

    def test_lets_the_refusal_through_to_a_caller(self) -> None:
        with pytest.raises(DomainError, match="has no period"):
            call_command(Refusing(), "refuse")

    def test_ends_without_a_word_when_its_reader_is_gone(self) -> None:
        reading, writing = os.pipe()
        os.close(reading)

        done = subprocess.run(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "settings_table"],
            stdout=writing, stderr=subprocess.PIPE, cwd=settings.BASE_DIR, check=False,
        )  # fmt: skip
        os.close(writing)

        assert (done.returncode, done.stderr) == (1, b"")

    @pytest.mark.parametrize(
        "argv", [["--reason", "typo", "count"], ["count", "--reason", "typo"]], ids=str
    )
    def test_takes_a_reason_before_and_after_the_sub_command(self, argv: list[str]) -> None:
        out = io.StringIO()

        Refusing(stdout=out).run_from_argv(["manage.py", "refusing", *argv])

        assert out.getvalue().splitlines()[-1] == "reason typo"

    def test_reports_progress_as_json_lines_off_a_terminal(self) -> None:
        out = io.StringIO()

        call_command(Refusing(), "count", stdout=out)

        line = json.loads(out.getvalue().splitlines()[0])
        assert (line["progress"], line["done"], line["total"]) == ("bills", 5, 5)

    def test_writes_a_table_as_tab_separated_lines_off_a_terminal(self) -> None:
        out = io.StringIO()

        Refusing(stdout=out).table(columns=["name", "usd"], rows=[["Ann", 3], ["Bo", None]])

        assert out.getvalue() == "name\tusd\nAnn\t3\nBo\t\n"

    def test_keeps_each_value_in_its_field(self) -> None:
        out = io.StringIO()

        Refusing(stdout=out).table(columns=["a"], rows=[["x\ty\nz\x1b[31m"]])

        assert out.getvalue() == "a\nx\\ty\\nz\\x1b[31m\n"

    def test_shows_texts_on_a_terminal_as_they_are(self) -> None:
        out = Screen()

        Refusing(stdout=out).table(
            title="[/x]", columns=["[red]", "how"], rows=[["a [/b] :car: \x1b[1m", "w" * 100]]
        )

        shown = out.getvalue()
        assert all(text in shown for text in ("[/x]", "[red]", r"a [/b] :car: \x1b[1m"))
        assert shown.count("w") == 101

"""What the documents tell people to type, the commands take."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from tests.architecture.printed_commands import Printed, fault_of, printed_commands

HERE = Path(settings.BASE_DIR)
DOCUMENTS = [
    HERE / "README.md",
    *sorted((HERE / "docs").rglob("*.md")),
    *sorted((HERE / "ossrep").glob("*/README.md")),
]
PRINTED_AT_LEAST = 120


def fault(text: str) -> str:
    return fault_of(printed=Printed(document=HERE, text=text))


class TestPrintedCommands:
    def test_are_commands_of_the_product(self) -> None:
        printed = [p for document in DOCUMENTS for p in printed_commands(document=document)]

        faults = [
            f"{one.document.relative_to(HERE)}: {one.text}: {told}"
            for one in printed
            if (told := fault_of(printed=one))
        ]
        assert faults == []
        assert len(printed) > PRINTED_AT_LEAST

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("manage.py bil status", "there is no command bil"),
            ("manage.py bill state", "manage.py bill has no state"),
            ("manage.py bill", "manage.py bill needs one of"),
            ("manage.py bill status --colour", "manage.py bill status has no --colour"),
            ("manage.py file list|retry", "there is no command file"),
            ("manage.py bill quarantine list|redo", "manage.py bill quarantine has no redo"),
        ],
    )
    def test_are_judged_by_their_parsers(self, text: str, told: str) -> None:
        assert fault(text).startswith(told)

    def test_are_read_from_lines_and_from_columns_beside_them(self, tmp_path: Path) -> None:
        document = tmp_path / "a.md"
        document.write_text(
            "```sh\nmanage.py bill status [RUN]     bill work-items   # both\n"
            "manage.py bill run \\\n  --cycle 04\n```\nand `manage.py verify`\n"
        )

        texts = [printed.text for printed in printed_commands(document=document)]

        assert texts == [
            "manage.py bill status [RUN]",
            "manage.py bill work-items",
            "manage.py bill run --cycle 04",
            "manage.py verify",
        ]

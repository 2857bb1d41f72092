"""The example of the quote's documentation gives the bill that stands beside it."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

from django.core.management import call_command

from ossrep.billing.files.quote_batch import answer_batch

TEXT = (Path(__file__).parents[3] / "docs" / "formats" / "quote.md").read_text()


def printed(name: str) -> str:
    found = re.search(rf"^{name} +(\S+)$", TEXT, re.MULTILINE)
    assert found is not None
    return found[1]


class TestQuoteExamples:
    def test_files_give_the_printed_bill(self, tmp_path: Path) -> None:
        for block in re.findall(r"```yaml\n(# (\w+\.yaml).*?)```", TEXT, re.DOTALL):
            (tmp_path / block[1]).write_text(block[0])
        command = re.search(r"\$ manage.py bill (quote .*?)\n\w", TEXT, re.DOTALL)
        assert command is not None
        words = command[1].replace("\\\n", " ").split()
        out = io.StringIO()

        call_command(
            "bill",
            *(str(tmp_path / word) if word.endswith(".yaml") else word for word in words),
            stdout=out,
        )

        told = dict(
            line.split("\t") for line in out.getvalue().splitlines() if line.count("\t") == 1
        )
        names = ("charges", "taxes", "total", "average price, cents per kWh")
        assert {name: told[name] for name in names} == {name: printed(name) for name in names}

    def test_the_line_gives_the_same(self) -> None:
        lines = re.findall(r"```json\n(.*?)\n```", TEXT, re.DOTALL)

        (bill,) = answer_batch(stream=io.BytesIO(lines[0].encode()), name="quote.md")

        assert json.loads(lines[0])["id"] == bill["id"] == "move-in"
        assert bill["total_usd"] == printed("total")

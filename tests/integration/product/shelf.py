"""Documents of a brand, a tariff for labels, and a market that knows ZIPs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ossrep.kernel.identifiers import EsiId, TdspCode
from ossrep.published.market import ServicePoint
from tests.fakes.market import FakeMarketService
from tests.integration.product.book import run, tariff_document, write_yaml

PDF = b"%PDF-1.7 "


def a_market(zips: Mapping[str, Sequence[str]]) -> FakeMarketService:
    """A market with one service point for each ZIP and TDSP of it."""
    market = FakeMarketService()
    number = 0
    for zip_code, codes in zips.items():
        for code in codes:
            number += 1
            market.add_tdsp(code=code, name=f"{code.title()} Delivery")
            market.add_point(
                point=ServicePoint(
                    esi_id=EsiId(f"1044372{number:010d}"),
                    tdsp_code=TdspCode(code),
                    status="Active",
                    street="1 Elm St",
                    street_line2="",
                    city="Dallas",
                    state="TX",
                    zip_code=zip_code,
                    county="DALLAS",
                    read_cycle="07",
                    premise_type="Residential",
                    is_metered=True,
                    has_switch_hold=False,
                )
            )
    return market


def load_tariff(folder: Path, *, tdsp: str = "ONCOR_ELEC") -> None:
    """The residential tariff of a TDSP."""
    run("import-tariffs", write_yaml(folder / f"{tdsp}.yaml", tariff_document(tdsp=tdsp)))


def keep_document(
    folder: Path, *, kind: str, text: str = "first", language: str = "en", plan: str = ""
) -> str:
    """Takes a document of the brand, or of one of its plans; gives what the command said."""
    path = folder / f"{kind}-{text}-{language}.pdf"
    path.write_bytes(PDF + text.encode())
    options = ["--brand", "LONESTAR", "--kind", kind, "--document-version", text]
    return run("import-document", path, *options, "--language", language, "--plan", plan)

"""The original files, read in place (``OSSREP_SAMPLES``); values here are written by hand."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

from ossrep.market.edi.texas_set.invoice import DeliveryInvoice
from ossrep.market.edi.texas_set.invoice_checks import check_invoice, list_unmapped_codes
from ossrep.market.edi.texas_set.invoice_codes import charge_code_count, find_charge_code
from ossrep.market.edi.texas_set.usage import Estimate, Usage
from ossrep.market.edi.texas_set.usage_checks import check_usage
from ossrep.market.edi.texas_set.usage_totals import total_usage
from tests.unit.market.edi.usage.files import transactions_of


class TestOriginalFiles:
    def test_of_pipe_usage(self, samples: Path) -> None:
        found = transactions_of("flat_867_03_masked.txt", samples)

        usages = [each for each in found if isinstance(each, Usage)]
        totals = [total_usage(each) for each in usages]
        assert [(t.start, t.end, t.import_kwh, t.demands, t.is_estimated) for t in totals] == [
            (
                dt.date(2021, 1, 22),
                dt.date(2021, 2, 22),
                Decimal(43680),
                (("K4", Decimal("104.64")),),
                False,
            ),
            (
                dt.date(2021, 1, 20),
                dt.date(2021, 2, 18),
                Decimal(6941),
                (("K4", Decimal("58.32")),),
                True,
            ),
            (
                dt.date(2020, 8, 20),
                dt.date(2020, 9, 21),
                Decimal(3880),
                (("K1", Decimal("43.6")),),
                False,
            ),
        ]
        assert [check_usage(each, as_of=dt.date(2021, 3, 1)) for each in usages] == [()] * 3
        assert usages[1].estimates == (
            Estimate(reason="O1", text="TDSP Reason", door_hanger_left="N", denials=0, estimates=1),
        )

    def test_of_pipe_invoices(self, samples: Path) -> None:
        found = transactions_of("flat_810_02_masked.txt", samples)

        invoices = [each for each in found if isinstance(each, DeliveryInvoice)]
        assert [
            (each.esi_id, each.total, len(list(each.lines())), each.due_date) for each in invoices
        ] == [
            ("10443720000000011", Decimal("216.95"), 8, dt.date(2020, 5, 26)),
            ("10443720000000012", Decimal("11.35"), 8, dt.date(2020, 5, 26)),
            ("10443720000000013", Decimal("220.90"), 8, dt.date(2020, 5, 26)),
        ]
        assert [check_invoice(each) for each in invoices] == [()] * 3
        assert [list_unmapped_codes(each) for each in invoices] == [()] * 3

    def test_of_prism_usage(self, samples: Path) -> None:
        (found,) = transactions_of("prism_867_03_masked.txt", samples)

        assert isinstance(found, Usage)
        assert (found.reference, found.power_region) == ("TRK0000000000000000004", "ERCOT")
        assert total_usage(found).import_kwh == Decimal(1475)
        assert check_usage(found, as_of=dt.date(2012, 12, 21)) == ()

    def test_list_the_charge_codes_that_the_table_has(self, samples: Path) -> None:
        with (samples / "sac04_codes_810_02_oct2022.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))

        assert len(rows) == charge_code_count()
        for row in rows:
            known = find_charge_code(row["sac04"])
            assert known is not None
            assert row["name"].startswith(known.name)
            assert known.needs_text == ("SAC15 required" in row["name"])
            assert known.is_between_companies == ("IT109=B2B only" in row["name"])

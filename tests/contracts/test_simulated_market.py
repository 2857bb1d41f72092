"""What the simulated market writes is what our guide tables read, and the other way round."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from ossrep.market.edi.texas_set.reading import identify, read_transaction
from ossrep.market.edi.x12.reading import read_interchanges
from tests.unit.market.simulator.retailer import Retailer, dtm

DAY = dt.date(2026, 9, 3)
FAULTS = """
faults:
  - {on: 814_16, do: permit, times: 1}
  - {on: 814_16, do: unexecutable, times: 1}
  - {on: 814_16, do: cancel, times: 1}
  - {on: 814_16, do: reject, by: tdsp, code: SHF, times: 1}
  - {on: 814_16, do: reject, times: 1}
  - {on: 814_01, do: reject, times: 1}
  - {on: month, do: cancel_replace, times: 3}
  - {on: month, do: estimate, times: 3}
  - {on: premises, do: switch_hold, times: 1}
  - {on: premises, do: maintain, times: 1}
  - {on: premises, do: outage, times: 1}
  - {on: premises, do: loss, times: 1, days: 9}
"""
KINDS = {
    "814_02", "814_05", "814_06", "814_08", "814_09", "814_13", "814_17", "814_19", "814_20",
    "814_22", "814_25", "814_27", "814_28", "814_PD", "650_02", "650_04", "867_02", "867_03",
    "867_04", "810_02", "824",
}  # fmt: skip


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A market in which everything happened once."""
    folder = tmp_path_factory.mktemp("market")
    retailer = Retailer(folder, faults=FAULTS, premises=40)
    rows = retailer.premises
    for number, row in enumerate(rows[:30]):
        more = [dtm("375", DAY)]
        retailer.ask("16", reference=f"MVI{number}", premises=row, more=more)
    retailer.ask("1", reference="SW0", premises=rows[31], service="switch")
    retailer.ask("26", reference="HU0", premises=rows[32], service="usage")
    retailer.ask("18", reference="CSA0", premises=rows[20], service="csa")
    retailer.play(dt.date(2026, 9, 5))
    retailer.ask(
        "24", reference="MVO0", premises=rows[20], service="move_out", maintenance="delete",
        more=[dtm("376", dt.date(2026, 9, 10))],
    )  # fmt: skip
    retailer.ask("16", reference="LATE", premises=rows[33], more=[dtm("375", dt.date(2026, 9, 20))])
    retailer.play(dt.date(2026, 9, 8))
    retailer.ask(
        "12", reference="DATE", original="LATE", premises=rows[33], maintenance="change",
        more=[dtm("375", dt.date(2026, 9, 25)), dtm("ZIC", DAY, "1015")],
    )  # fmt: skip
    retailer.play(dt.date(2026, 9, 9))
    retailer.ask(
        "8", reference="CAN", original="LATE", premises=rows[33], maintenance="cancel",
        more=[["REF", "7G", "B40"]],
    )  # fmt: skip
    oncor = retailer.of("ONCOR_ELEC")
    _to_the_wires(retailer, oncor["esi_id"])
    retailer.play(dt.date(2026, 10, 30))
    return folder


def _to_the_wires(retailer: Retailer, esi_id: str) -> None:
    order = [
        ["BGN", "13", "DNP", "20260909", "", "", "", "72", "IT"],
        ["REF", "8X", "DC001"],
        ["REF", "Q5", "", esi_id],
    ]
    data = [
        ["BGN", "13", "PC1", "20260909", "", "", "", "", "PC"],
        ["LIN", "1", "SH", "EL", "SH", "MCI"],
        ["ASI", "7", "001"],
        ["REF", "Q5", "", esi_id],
    ]
    payment = [["BPR", "I", "1.00", "C"], ["TRN", "1", "T1"], ["RMR", "IV", "NONE", "", "1.00"]]
    retailer.send("ONCOR_ELEC", "MO", [("650", order)])
    retailer.send("ONCOR_ELEC", "GE", [("814", data)])
    retailer.send("ONCOR_ELEC", "RA", [("820", payment)])


class TestFilesOfTheSimulatedMarket:
    def test_are_read_whole_by_our_tables(self, played: Path) -> None:
        kinds: set[str] = set()
        strange: set[str] = set()
        for path in sorted(played.glob("*/from_market/*.edi")):
            for interchange in read_interchanges(path.read_bytes()):
                assert interchange.faults == ()
                for group in interchange.groups:
                    assert group.faults == ()
                    for transaction_set in group.sets:
                        assert transaction_set.faults == ()
                        if transaction_set.code == "997":
                            continue
                        kind = identify(transaction_set)
                        read = read_transaction(transaction_set)
                        kinds.add(kind)
                        strange |= {f"{kind} {placed.segment}" for placed in read.unknown}

        assert strange == set()
        assert kinds == KINDS

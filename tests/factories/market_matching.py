"""Usage (867_03) and invoices (810_02) as a wires company would send them, for tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from ossrep.market.edi.x12.model import Segment
from ossrep.market.usecases.interchange.processing import process_files
from ossrep.market.usecases.interchange.receiving_files import take_in
from tests.factories.market_mail import ERCOT, NOW, ONCOR, mail, register

ESI_ID = "10443720000000001"
START = dt.date(2026, 1, 19)
END = dt.date(2026, 2, 18)
CHARGES = (("TRN002", "36.21"), ("BAS001", "9.25"), ("DIS001", "139.42"))


class Post:
    """Files that come one after the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        register()

    def bring(self, *sets: Sequence[Segment]) -> None:
        for segments in sets:
            self.bring_together(segments)

    def bring_together(self, *sets: Sequence[Segment]) -> None:
        """All in one interchange: usages or invoices."""
        self._number += 1
        is_usage = sets[0][0][1] == "867"
        path = self._folder / f"{self._number}.edi"
        path.write_bytes(
            mail(
                *sets,
                number=self._number,
                sender=ERCOT if is_usage else ONCOR,
                functional_id="PT" if is_usage else "IN",
            )
        )
        list(take_in(paths=[path], now=NOW))
        list(process_files(now=NOW))


def usage_set(
    *,
    reference: str = "U1",
    purpose: str = "00",
    corrects: str = "",
    kwh: str = "695",
    esi_id: str = ESI_ID,
    start: dt.date = START,
    end: dt.date = END,
    is_final: bool = False,
    order: str = "",
) -> list[Segment]:
    """A non-interval 867_03; ``corrects`` is the document that it cancels or replaces."""
    dates = [f"DTM*150*{start:%Y%m%d}", f"DTM*151*{end:%Y%m%d}"]
    lines = [
        f"BPT*{purpose}*{reference}*20260219*DD***{'F' if is_final else ''}**{corrects}",
        "N1*8S*SAMPLE TDSP*9*1039940674000",
        "N1*AY*ERCOT*1*183529049",
        "N1*SJ*SAMPLE REP*1*999999999",
        f"REF*Q5**{esi_id}",
        *([f"REF*TN*{order}"] if order else []),
        *("PTD*SU", *dates, "REF*MT*KHMON", f"QTY*QD*{kwh}*KH", f"MEA**PRQ*{kwh}*KH***51"),
        *("PTD*SU", *dates, "REF*MT*K1MON", "QTY*QD*10*K1", "MEA**PRQ*10*K1***51"),
        *("PTD*PL", *dates, "REF*MG*000000001LG", "REF*JH*A", "REF*MT*KHMON"),
        *(f"QTY*QD*{kwh}*KH", f"MEA*AA*PRQ*{kwh}*KH*0*{kwh}*51", "MEA**MU*1"),
    ]
    return _set("867", lines)


def invoice_set(
    *,
    reference: str = "I1",
    usage: str = "U1",
    purpose: str = "00",
    corrects: str = "",
    charges: Sequence[tuple[str, str]] = CHARGES,
    kind: str = "ME",
    level: str = "RATE",
    total: str = "",
    esi_id: str = ESI_ID,
    start: dt.date = START,
    end: dt.date = END,
    due: str = "20260326",
) -> list[Segment]:
    """An 810_02 with (code, dollars) for each charge; ``total`` in cents if not their sum."""
    cents = [(code, round(float(amount) * 100)) for code, amount in charges]
    lines = [
        f"BIG*20260219*{reference}***{usage}**{kind}*{purpose}",
        *([f"REF*OI*{corrects}"] if corrects else []),
        f"REF*Q5**{esi_id}",
        "N1*8S*SAMPLE TDSP*9*1039940674000",
        "N1*SJ*SAMPLE REP*1*999999999",
        f"ITD******{due}",
        *(f"IT1*1*****SV*ELECTRIC*C3*{level}", "REF*NH*D0"),
        *(f"DTM*150*{start:%Y%m%d}", f"DTM*151*{end:%Y%m%d}", "SLN*1**A"),
        *(f"SAC*C**EU*{code}*{amount}***{amount / 100}*EA*1" for code, amount in cents),
        f"TDS*{total or sum(amount for _, amount in cents)}",
        "CTT*1",
    ]
    return _set("810", lines)


def _set(code: str, lines: Sequence[str]) -> list[Segment]:
    body = [f"ST*{code}*0001", *lines, f"SE*{len(lines) + 2}*0001"]
    return [line.split("*") for line in body]

"""What the demo did, collected from what the commands told and from the commands that list."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ossrep.demo import steps
from ossrep.demo.circle.files import circle_folder
from ossrep.demo.circle.summary import MarketSummary, collect_market
from ossrep.demo.folder import DemoFolder, DoneStep, Written
from ossrep.demo.parameters import DemoParameters
from ossrep.demo.portal_user import KEY
from ossrep.demo.runner import run_command

_RUN_KEYS = ("run-", "catch-up-")


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledRun:
    """One bill run: how many, how much, how long."""

    run_id: int
    cycle: str
    as_of: str
    due: int
    billed: int
    held: int
    import_wh: int
    charges_usd: Decimal
    tax_usd: Decimal
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldReason:
    """Bills that wait for a person for one reason, with one of them as an example."""

    code: str
    bills: int
    account_number: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """Accounts of one kind: debits and credits in dollars."""

    account: str
    debit_usd: Decimal
    credit_usd: Decimal

    @property
    def balance_usd(self) -> Decimal:
        """Debits less credits."""
        return self.debit_usd - self.credit_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalUser:
    """Who signs in to the customer portal, and what they see there."""

    email: str
    password: str
    account_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All that the screen at the end shows."""

    parameters: DemoParameters
    written: Written
    seconds: Mapping[str, float]
    quarantined: Mapping[str, int]
    runs: Sequence[BilledRun]
    held: Sequence[HeldReason]
    ledger: Sequence[LedgerLine]
    rules: int
    broken_rules: Sequence[str]
    export_folder: Path
    pdf_files: int
    example_invoice: str
    market: MarketSummary | None = None
    portal_user: PortalUser | None = None

    @property
    def billed(self) -> int:
        """Invoices of all runs."""
        return sum(run.billed for run in self.runs)

    @property
    def import_kwh(self) -> Decimal:
        """Billed kWh."""
        return Decimal(sum(run.import_wh for run in self.runs)) / 1000

    @property
    def charges_usd(self) -> Decimal:
        """Billed charges before taxes."""
        return sum((run.charges_usd for run in self.runs), Decimal(0))

    @property
    def tax_usd(self) -> Decimal:
        """Billed taxes and assessments."""
        return sum((run.tax_usd for run in self.runs), Decimal(0))

    @property
    def billing_seconds(self) -> float:
        """Time of all bill runs."""
        return sum(run.seconds for run in self.runs)

    @property
    def total_seconds(self) -> float:
        """Time of all steps, whenever they ran."""
        return sum(self.seconds.values())

    @property
    def ledger_difference_usd(self) -> Decimal:
        """Debits less credits of the whole ledger: 0.00 or something is wrong."""
        return sum((line.balance_usd for line in self.ledger), Decimal("0.00"))


def collect_summary(
    *, folder: DemoFolder, parameters: DemoParameters, done: Mapping[str, DoneStep]
) -> Summary:
    """Asks the commands that list; the runs' figures are those they told when they ran."""
    assert folder.written is not None
    verdicts = run_command("verify", "--json").rows
    exported = steps.export_folder(folder=folder)
    return Summary(
        parameters=parameters,
        written=folder.written,
        seconds={key: step.seconds for key, step in done.items()},
        quarantined=_quarantined(done),
        runs=[_run(step) for key, step in done.items() if key.startswith(_RUN_KEYS)],
        held=_held(),
        ledger=_ledger(),
        rules=len(verdicts),
        broken_rules=[f"{v['context']}: {v['name']}" for v in verdicts if not v["holds"]],
        export_folder=exported,
        pdf_files=sum(1 for _ in exported.glob("pdf/*.pdf")),
        example_invoice=_example_invoice(exported / "lines.csv"),
        market=collect_market(folder=circle_folder(folder=folder)),
        portal_user=_portal_user(done.get(KEY)),
    )


def _portal_user(step: DoneStep | None) -> PortalUser | None:
    if step is None:
        return None
    (told,) = step.told.rows
    return PortalUser(
        email=told["email"], password=told["password"], account_number=told["account_number"]
    )


def _run(step: DoneStep) -> BilledRun:
    (told,) = step.told.rows
    return BilledRun(
        run_id=told["run_id"],
        cycle=told["read_cycle"] or "all",
        as_of=told["as_of"],
        due=told["planned"],
        billed=told["billed"],
        held=told["held"],
        import_wh=told["import_wh"],
        charges_usd=Decimal(told["charges_usd"]),
        tax_usd=Decimal(told["tax_usd"]),
        seconds=step.seconds,
    )


def _held() -> list[HeldReason]:
    """Reasons by the number of bills, the commonest first."""
    by_code: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in run_command("bill", "work-items", "--limit", "10000").table():
        by_code[row["reason"]].append(row)
    reasons = [
        HeldReason(
            code=code,
            bills=len(rows),
            account_number=rows[0]["account"],
            message=rows[0]["message"],
        )
        for code, rows in by_code.items()
    ]
    return sorted(reasons, key=lambda reason: (-reason.bills, reason.code))


def _ledger() -> list[LedgerLine]:
    """Sums by the kind of account: taxes of all places together."""
    by_kind: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in run_command("bill", "trial-balance").table():
        if row["account"] != "total":
            by_kind[row["account"].replace("_", " ")].append(row)
    return [
        LedgerLine(
            account=kind,
            debit_usd=sum((Decimal(row["debits"]) for row in rows), Decimal(0)),
            credit_usd=sum((Decimal(row["credits"]) for row in rows), Decimal(0)),
        )
        for kind, rows in by_kind.items()
    ]


def _example_invoice(path: Path) -> str:
    """The first invoice with free nights: how its kWh were sorted is worth explaining."""
    if not path.exists():
        return ""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return next((row["invoice"] for row in rows if row["kind"] == "free_nights"), "")


def _quarantined(done: Mapping[str, DoneStep]) -> dict[str, int]:
    """Rows in quarantine by the context whose command lists them."""
    counts: dict[str, int] = defaultdict(int)
    for key, step in done.items():
        for prefixes, context in _QUARANTINES.items():
            if key.startswith(prefixes):
                # The importer of intervals adds up its files in a last row.
                rows = [r for r in step.told.rows if "total_files" in r] or step.told.rows
                counts[context] += sum(row["refused"] for row in rows)
    return dict(counts)


_QUARANTINES = {
    ("book",): "customer",
    ("intervals-", "late-", "circle-intervals-"): "meter",
    ("opening", "payments-"): "bill",
}

"""The demo's last screen: loaded, billed, held and why, the ledger, and what to try next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from rich import box
from rich.console import Group, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ossrep.demo.summary import Summary

WIDTH = 108
_WAYS = {
    "lse": "LSE files of four TDSPs",
    "smt": "Smart Meter Texas, portal CSV",
    "late": "late, our own CSV",
    "correction": "actual values after estimates",
    "missing": "never arrived",
}


def render_summary(*, summary: Summary) -> RenderableType:
    """One screen."""
    return Panel(
        Group(
            _headed("Loaded", _loaded(summary)),
            *_market(summary),
            _headed("Billed", _billed(summary)),
            _headed("Held, and why", _held(summary)),
            _headed("Ledger", _ledger(summary)),
            *_portal(summary),
        ),
        title=_title(summary),
        subtitle=_verdict(summary),
        box=box.ROUNDED,
        border_style="cyan",
        width=WIDTH,
        padding=(0, 2),
    )


def _title(summary: Summary) -> str:
    parameters = summary.parameters
    return (
        f"[bold]OSSREP demo[/bold] as of {parameters.as_of}, seed {parameters.seed}, "
        f"{summary.total_seconds:.0f} seconds"
    )


def _headed(title: str, content: RenderableType) -> RenderableType:
    return Group(Text(title, style="bold cyan"), Padding(content, (0, 0, 1, 2)))


def _loaded(summary: Summary) -> RenderableType:
    written = summary.written
    book = (
        f"{written.customers:,} customers, {written.accounts:,} accounts, "
        f"{written.premises:,} premises, {written.contracts:,} contracts "
        f"on {len(written.plan_codes)} plans"
    )
    seconds = sum(s for key, s in summary.seconds.items() if key.startswith("intervals-"))
    usage = (
        f"{written.quarter_hours:,} quarter hours in {written.interval_files:,} files, "
        f"{written.quarter_hours / seconds / 1e6:.1f} million a second"
    )
    ways = _grid()
    for way, words in _WAYS.items():
        days = written.interval_days.get(way, 0)
        ways.add_row(f"{days:,}", "interval days", Text(words, style="dim"))
    return Group(book, usage, ways, _quarantine(summary))


def _quarantine(summary: Summary) -> RenderableType:
    counts = {context: count for context, count in summary.quarantined.items() if count}
    if not counts:
        return Text("Nothing in quarantine.")
    where = ", ".join(f"{context} {count}" for context, count in counts.items())
    return Text.assemble(
        (f"{sum(counts.values())} rows", "yellow"),
        f" in quarantine ({where}): ",
        (f"manage.py {next(iter(counts))} quarantine list", "bold"),
    )


def _market(summary: Summary) -> Iterator[RenderableType]:
    market = summary.market
    if market is None:
        return
    states = ", ".join(f"{count} {state}" for state, count in market.enrollments.items())
    faults = ", ".join(f"{count} {name}" for name, count in market.faults.items())
    grid = _grid()
    for step in market.trail:
        who = "we sent" if step.is_ours else "we got"
        name = str(step.path.relative_to(market.folder))
        grid.add_row(step.kind, Text(who, style="dim"), Text(name))
    yield _headed(
        "Through the market, on files",
        Group(
            f"Newcomers who enrolled: {states}.",
            f"{_messages(market.ours)} to ERCOT and the TDSPs, {_messages(market.theirs)} back,",
            f"{market.interval_files:,} interval files. On purpose wrong: {faults or 'nothing'}.",
            Text(f"The way of {market.example_esi_id} in {market.folder}/:", style="dim"),
            grid,
        ),
    )


def _messages(kinds: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items()) or "nothing"


def _billed(summary: Summary) -> RenderableType:
    table = _table()
    total = _run_cells(
        summary.billed,
        summary.import_kwh,
        summary.charges_usd,
        summary.tax_usd,
        summary.billing_seconds,
    )
    footers = ("all", "", "", total[0], "", *total[1:])
    for place, name in enumerate(_RUN_COLUMNS):
        side: JustifyMethod = "left" if place < _WORDS_BEFORE_FIGURES else "right"
        table.add_column(name, justify=side, footer=footers[place], no_wrap=True)
    for run in summary.runs:
        kwh = Decimal(run.import_wh) / 1000
        billed, *money = _run_cells(run.billed, kwh, run.charges_usd, run.tax_usd, run.seconds)
        cycle = "catch-up" if run.cycle == "all" else run.cycle
        table.add_row(cycle, run.as_of, f"{run.due:,}", billed, f"{run.held:,}", *money)
    return Group(table, _average(summary), *_pdf(summary))


_RUN_COLUMNS = (
    "cycle", "as of", "due", "billed", "held", "kWh", "charges $", "taxes $", "sec", "per s",
)  # fmt: skip
_WORDS_BEFORE_FIGURES = 2


def _run_cells(
    billed: int, kwh: Decimal, charges: Decimal, tax: Decimal, seconds: float
) -> tuple[str, ...]:
    a_second = billed / max(seconds, 0.1)
    return (
        f"{billed:,}",
        f"{kwh:,.0f}",
        f"{charges:,.2f}",
        f"{tax:,.2f}",
        f"{seconds:.1f}",
        f"{a_second:,.0f}",
    )


def _average(summary: Summary) -> RenderableType:
    if not summary.import_kwh:
        return Text("Nothing was billed.")
    cents = summary.charges_usd / summary.import_kwh * 100
    return Text(f"Average price {cents:.1f} ¢ per kWh, delivery included, before taxes.")


def _pdf(summary: Summary) -> Iterator[RenderableType]:
    if summary.pdf_files:
        folder = (f"{summary.export_folder}/", "bold")
        yield Text.assemble(
            f"{summary.pdf_files} invoices as PDF, with lists and totals, in ", folder
        )


def _held(summary: Summary) -> RenderableType:
    if not summary.held:
        return Text("Nothing.")
    grid = _grid()
    for reason in summary.held:
        example = f"{reason.account_number}: {reason.message}"
        grid.add_row(
            Text(f"{reason.bills}", style="yellow"),
            reason.code.replace("_", " "),
            Text(example, style="dim"),
        )
    return Group(grid, Text.assemble("all of them: ", ("manage.py bill work-items", "bold")))


def _portal(summary: Summary) -> Iterator[RenderableType]:
    user = summary.portal_user
    if user is not None:
        yield _headed(
            "Customer portal",
            Text.assemble(
                (user.email, "bold"),
                " signs in with ",
                (user.password, "bold"),
                f" and sees account {user.account_number}. A portal on http://localhost:4200 may.",
            ),
        )


def _ledger(summary: Summary) -> RenderableType:
    grid = _table()
    debits = sum((line.debit_usd for line in summary.ledger), Decimal(0))
    credits_ = sum((line.credit_usd for line in summary.ledger), Decimal(0))
    difference = summary.ledger_difference_usd
    style = "bold green" if difference == 0 else "bold red"
    grid.add_column("account", footer="all", min_width=18)
    grid.add_column("debits $", justify="right", footer=f"{debits:,.2f}")
    grid.add_column("credits $", justify="right", footer=f"{credits_:,.2f}")
    grid.add_column("balance $", justify="right", footer=Text(f"{difference:,.2f}", style=style))
    for line in summary.ledger:
        amounts = (line.debit_usd, line.credit_usd, line.balance_usd)
        grid.add_row(line.account, *(f"{amount:,.2f}" for amount in amounts))
    return grid


def render_next(*, commands: Sequence[tuple[str, str]]) -> Text:
    """Commands with what they are good for; each whole on a line of its own, to be copied."""
    lines = [Text("Try next", style="bold cyan")]
    for command, words in commands:
        lines += [Text(f"# {words}", style="dim"), Text(command, style="bold")]
    return Text("\n").join(lines)


def _verdict(summary: Summary) -> str:
    if summary.broken_rules:
        return f"[bold red]broken: {', '.join(summary.broken_rules)}"
    return f"[green]all {summary.rules} invariants hold"


def _table() -> Table:
    return Table(
        box=box.SIMPLE_HEAD,
        header_style="bold",
        padding=(0, 1),
        show_footer=True,
        show_edge=False,
        pad_edge=False,
    )


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="ellipsis")
    return grid

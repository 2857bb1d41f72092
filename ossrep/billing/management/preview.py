"""How a dry run is shown."""

from __future__ import annotations

from dataclasses import asdict

from ossrep.billing.usecases.plan_run import RunOrder
from ossrep.billing.usecases.preview_run import PreviewLine, RunPreview, preview_run
from ossrep.infra.commands import OssrepCommand
from ossrep.kernel.money import dollars

STOPPED_SHOWN_MAX = 50


def show_preview(*, order: RunOrder, workers: int, as_json: bool, out: OssrepCommand) -> None:
    """Runs the preview with a progress bar and prints it: totals, outliers, what would stop."""
    preview = RunPreview()
    with out.progress("accounts") as advance:
        seen = 0
        for preview in preview_run(order=order, workers=workers):
            advance(len(preview.lines) - seen)
            seen = len(preview.lines)
    if as_json:
        _print_json(preview, out)
        return
    _print_totals(preview, out)
    if preview.reasons:
        out.table(
            title="Would be stopped",
            columns=("reason", "bills"),
            rows=preview.reasons.most_common(),
        )
        out.table(
            title=f"First {STOPPED_SHOWN_MAX}",
            columns=("account", "period", "reason", "message"),
            rows=[
                (line.account_number, f"{line.period_start}..{line.period_end}", *reason)
                for line in preview.stopped[:STOPPED_SHOWN_MAX]
                for reason in line.reasons
            ],
        )
    if preview.outliers:
        out.table(
            title="Farthest from the bill before (charges without taxes, days evened out)",
            columns=("account", "name", "before", "now", "change", "kWh before", "kWh now"),
            rows=[_outlier(line) for line in preview.outliers],
        )
    out.stdout.write("Nothing was written.")


def _print_totals(preview: RunPreview, out: OssrepCommand) -> None:
    billed = preview.billed
    compared = [line for line in billed if line.change_cents is not None]
    before = sum(line.before_cents or 0 for line in compared)
    now = sum(line.charges_cents for line in compared)
    rows = [
        ("bills due", f"{len(preview.lines):,}"),
        ("would be billed", f"{len(billed):,}"),
        ("would be stopped", f"{len(preview.stopped) + len(preview.unplanned):,}"),
        ("with a further period due", f"{preview.with_more:,}"),
        ("first bills", f"{sum(line.is_first for line in billed):,}"),
        ("final bills", f"{sum(line.is_final for line in billed):,}"),
        ("kWh", f"{sum(line.import_wh for line in billed) / 1000:,.0f}"),
        ("energy and services", f"{preview.total_usd('retailer_cents'):,}"),
        ("delivery", f"{preview.total_usd('delivery_cents'):,}"),
        ("taxes", f"{preview.total_usd('tax_cents'):,}"),
        ("bills with one before", f"{len(compared):,}"),
        ("their charges before", f"{dollars(before):,}"),
        ("their charges now", f"{dollars(now):,}"),
    ]
    out.table(title="Dry run", columns=("what", "value"), rows=rows)


def _outlier(line: PreviewLine) -> tuple[object, ...]:
    return (
        line.account_number,
        line.name,
        dollars(line.before_cents or 0),
        dollars(line.charges_cents),
        dollars(line.change_cents or 0),
        (line.before_wh or 0) // 1000,
        line.import_wh // 1000,
    )


def _print_json(preview: RunPreview, out: OssrepCommand) -> None:
    for line in preview.lines:
        out.json_line(**asdict(line))
    for contract in preview.unplanned:
        out.json_line(**asdict(contract))
    out.json_line(
        due=len(preview.lines),
        billed=len(preview.billed),
        stopped=dict(preview.reasons),
        retailer_usd=preview.total_usd("retailer_cents"),
        delivery_usd=preview.total_usd("delivery_cents"),
        tax_usd=preview.total_usd("tax_cents"),
    )

"""A small bar chart of one day as SVG text; readable in black and white."""

from __future__ import annotations

from collections.abc import Sequence

from ossrep.published.meter import MISSING_WH

WIDTH, HEIGHT = 640, 150
_LEFT, _BOTTOM, _TOP = 46, 18, 10
_ESTIMATES = "ELIP"


def day_chart(*, wh: Sequence[int], quality: str, minutes: Sequence[int]) -> str:
    """Bars of a day's quarter hours: filled where actual, outlined where estimated, a hatched
    column where missing. ``minutes`` are the wall-clock minutes at which they start."""
    present = [value for value in wh if value != MISSING_WH]
    top = max([*present, 1])
    step = (WIDTH - _LEFT) / max(len(wh), 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img" font-size="10" fill="currentColor">',
        "<title>kWh of each quarter hour</title>",
        '<defs><pattern id="missing" width="4" height="4" patternUnits="userSpaceOnUse">'
        '<path d="M0 4L4 0" stroke="currentColor" stroke-opacity="0.5"/></pattern></defs>',
        _scale(top),
    ]
    for index, (value, letter) in enumerate(zip(wh, quality, strict=True)):
        parts.append(_bar(_LEFT + index * step, step, value, top, letter))
    parts += [_hour(_LEFT + index * step, minute) for index, minute in enumerate(minutes)]
    return "".join([*parts, "</svg>"])


def _scale(top: int) -> str:
    low, high = HEIGHT - _BOTTOM, _TOP
    return (
        f'<text x="{_LEFT - 4}" y="{high + 8}" text-anchor="end">{top / 1000:.3f}</text>'
        f'<text x="{_LEFT - 4}" y="{low}" text-anchor="end">0 kWh</text>'
        f'<path d="M{_LEFT} {low}H{WIDTH}M{_LEFT} {high}H{WIDTH}" stroke="currentColor" '
        'stroke-opacity="0.3" fill="none"/>'
    )


def _bar(x: float, step: float, value: int, top: int, letter: str) -> str:
    full = HEIGHT - _BOTTOM - _TOP
    width = max(step - 1, 0.5)
    if value == MISSING_WH:
        return (
            f'<rect x="{x:.1f}" y="{_TOP}" width="{width:.1f}" height="{full}" '
            'fill="url(#missing)"/>'
        )
    height = full * value / top
    style = (
        'fill="none" stroke="#b45309" stroke-width="1"'
        if letter in _ESTIMATES
        else 'fill="#2563eb"'
    )
    return (
        f'<rect x="{x:.1f}" y="{HEIGHT - _BOTTOM - height:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" {style}/>'
    )


def _hour(x: float, minute: int) -> str:
    if minute % 180:
        return ""
    return f'<text x="{x:.1f}" y="{HEIGHT - 5}">{minute // 60:02d}</text>'

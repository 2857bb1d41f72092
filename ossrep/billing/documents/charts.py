"""Bar charts as one picture with the places of their labels: cheap to lay out, sharp in print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH_PT = 250.2
BARS_PT = 68.4
TOP_PT = 8.0
VALUE_SIZE_PT = 5.6
NAME_SIZE_PT = 6.3
GAP_PT = 1.6
NAMES_AT_PT = TOP_PT + BARS_PT + 2.5
HEIGHT_PT = NAMES_AT_PT + 8.0
EARLIER, NOW = "#a5a5a5", "#3c3c3c"
_DIGIT_EM = 0.497
"""Width of a figure of the font; labels are centered by it."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Wh by bar; ``earlier`` bars are pale; labels by bar number. ``alt`` says it in words."""

    title: str
    used: Sequence[int]
    sent: Sequence[int]
    earlier: int
    values: Sequence[tuple[int, str]]
    names: Sequence[tuple[int, str]]
    note: str
    alt: str

    @property
    def has_exports(self) -> bool:
        """True when something was sent to the grid."""
        return any(self.sent)

    def data(self) -> dict[str, Any]:
        """JSON-ready for the template: a picture, labels with their places in pt."""
        top = max(1, *self.used, *self.sent)
        step = WIDTH_PT / len(self.used)
        return {
            "title": self.title,
            "bars": self._picture(top, step),
            "bars_height": BARS_PT,
            "height": HEIGHT_PT,
            "top": TOP_PT,
            "names_at": NAMES_AT_PT,
            "value_size": VALUE_SIZE_PT,
            "name_size": NAME_SIZE_PT,
            "values": [
                [
                    _centered(step, number, text, VALUE_SIZE_PT),
                    round(TOP_PT + BARS_PT * (1 - self._share(number, top)) - 6, 1),
                    text,
                ]
                for number, text in self.values
            ],
            "names": [
                [_centered(step, number, text, NAME_SIZE_PT), text] for number, text in self.names
            ],
            "legend": self.has_exports,
            "note": self.note,
            "alt": self.alt,
        }

    def _share(self, number: int, top: int) -> float:
        return max(self.used[number], self.sent[number]) / top

    def _picture(self, top: int, step: float) -> str:
        thick = (step / 2 - GAP_PT / 2) if self.has_exports else (step - GAP_PT)
        bars = [(number * step, wh / top) for number, wh in enumerate(self.used)]
        paths = [
            f'<path d="{_path(bars[: self.earlier], thick)}" fill="{EARLIER}"/>',
            f'<path d="{_path(bars[self.earlier :], thick)}" fill="{NOW}"/>',
        ]
        if self.has_exports:
            hollow = [
                (number * step + thick + 0.3, wh / top) for number, wh in enumerate(self.sent)
            ]
            paths.append(
                f'<path d="{_path(hollow, thick - 0.6)}" fill="#fff" stroke="#000" '
                'stroke-width="0.5"/>'
            )
        paths.append(f'<path d="M0 {BARS_PT}H{WIDTH_PT}" stroke="#000" stroke-width="0.6"/>')
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_PT}" height="{BARS_PT}" '
            f'viewBox="0 0 {WIDTH_PT} {BARS_PT}">{"".join(paths)}</svg>'
        )


def _path(bars: Sequence[tuple[float, float]], thick: float) -> str:
    return "".join(
        f"M{x:.1f} {BARS_PT * (1 - share):.1f}h{thick:.1f}V{BARS_PT}h-{thick:.1f}z"
        for x, share in bars
    )


def _centered(step: float, number: int, text: str, size: float) -> float:
    middle = number * step + (step - GAP_PT) / 2
    return round(max(0.0, middle - len(text) * _DIGIT_EM * size / 2), 1)

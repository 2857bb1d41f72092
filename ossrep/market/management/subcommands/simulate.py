"""``manage.py market simulate``."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser, Namespace
from pathlib import Path

from django.conf import settings

from ossrep.infra.commands import OssrepCommand
from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import MARKET_ZONE, local_midnight
from ossrep.market.simulator.playing import simulate

HELP = "Plays ERCOT and the TDSPs on files in folders, up to a day (docs/market/simulator.md)."


class NoMoment(DomainError):
    """A text that names no day or moment."""

    code = "no_moment"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--until", required=True, help="virtual day (to its end), or moment: 2026-09-01T12:00"
    )
    parser.add_argument("--faults", type=Path, metavar="FILE", help="YAML of faults to happen")
    parser.add_argument("--seed", type=int, default=1, help="equal seeds, equal market")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="default: var/market-simulator")
    parser.add_argument("--json", action="store_true", help="one JSON line")


def handle(options: Namespace, out: OssrepCommand) -> None:
    played = simulate(
        folder=options.folder or Path(settings.VAR_DIR) / "market-simulator",
        until=_moment(options.until),
        seed=options.seed,
        faults_file=options.faults,
    )
    local = played.now.astimezone(MARKET_ZONE)
    words = {
        "now": f"{local:%Y-%m-%d %H:%M}",
        "files_read": played.files_read,
        "files_written": played.files_written,
        "premises": played.premises,
        "served": played.served,
    }
    if options.json:
        out.json_line(**words)
    else:
        out.table(columns=list(words), rows=[tuple(words.values())])


def _moment(text: str) -> dt.datetime:
    try:
        if "T" not in text:
            return local_midnight(dt.date.fromisoformat(text) + dt.timedelta(days=1))
        moment = dt.datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise NoMoment(f"{text!r} is no day or moment: {error}", where="--until") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=MARKET_ZONE)

"""Writes all files of a demo into its folder."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ossrep.demo import places
from ossrep.demo.book import Account, BookMaker, Site
from ossrep.demo.catalog import (
    BRANDS_FILE,
    CALENDARS_FILE,
    LEGAL_DIR,
    PLANS_DIR,
    TARIFFS_FILE,
    Catalog,
    read_catalog,
)
from ossrep.demo.circle.newcomers import make_neighbors, make_newcomers
from ossrep.demo.deliveries import IntervalWriter, deliveries
from ossrep.demo.files.book_files import write_book
from ossrep.demo.files.extract_files import FOLDER as EXTRACTS
from ossrep.demo.files.extract_files import write_extracts
from ossrep.demo.files.interval_files import PointDay, write_wide_csv
from ossrep.demo.files.market_files import write_prices, write_read_calendar
from ossrep.demo.files.opening_files import write_openings
from ossrep.demo.files.tax_files import write_taxes
from ossrep.demo.folder import DemoFolder, Written
from ossrep.demo.history import History
from ossrep.demo.parameters import DemoParameters
from ossrep.demo.readings import Readings

Report = Callable[[int], None]
"""Called with the number of days of usage just written."""


@dataclass(frozen=True, slots=True)
class DemoBook:
    """The book of some parameters: the same for the same parameters."""

    accounts: Sequence[Account]
    sites: Sequence[Site]
    catalog: Catalog


def make_book(*, parameters: DemoParameters) -> DemoBook:
    """Invents the book, in memory."""
    catalog = read_catalog()
    maker = BookMaker(seed=parameters.seed, catalog=catalog, schedule=parameters.schedule)
    accounts = maker.accounts(count=parameters.accounts)
    sites = {site.number: site for account in accounts for site in account.sites}
    return DemoBook(accounts, list(sites.values()), catalog)


def write_demo(
    *, folder: DemoFolder, parameters: DemoParameters, report: Report = lambda days: None
) -> Written:
    """Writes what is not there yet. Raises DemoRefused where the folder holds another demo."""
    folder.begin(parameters=parameters)
    if folder.written is not None:
        return folder.written
    begun = time.perf_counter()
    book = make_book(parameters=parameters)
    _write_offers(folder)
    _write_reference(folder, book, parameters)
    newcomers = make_newcomers(parameters=parameters, catalog=book.catalog)
    neighbors = make_neighbors(parameters=parameters, catalog=book.catalog)
    write_extracts(
        folder=folder.path / EXTRACTS,
        sites=[
            *book.sites,
            *(site for account in newcomers for site in account.sites),
            *neighbors,
        ],
        schedule=parameters.schedule,
    )
    write_book(folder=folder.path / "book", accounts=book.accounts, schedule=parameters.schedule)
    readings = Readings(sites=book.sites, seed=parameters.seed, schedule=parameters.schedule)
    history = History(shapes=readings.shapes, schedule=parameters.schedule, seed=parameters.seed)
    openings = history.openings(accounts=book.accounts)
    write_openings(path=folder.path / "opening.jsonl", accounts=openings)
    files, days, quarter_hours = _write_intervals(folder, book, readings, parameters, report)
    written = Written(
        customers=len({account.customer.number for account in book.accounts}),
        accounts=len(book.accounts),
        premises=len(book.sites),
        contracts=sum(len(account.contracts) for account in book.accounts),
        plan_codes=tuple(plan.code for plan in book.catalog.plans),
        interval_files=files,
        interval_days=dict(days),
        quarter_hours=quarter_hours,
        file_bytes=sum(p.stat().st_size for p in folder.path.rglob("*") if p.is_file()),
        seconds=round(time.perf_counter() - begun, 2),
    )
    folder.finish_writing(written=written)
    return written


def _write_offers(folder: DemoFolder) -> None:
    for file in (BRANDS_FILE, CALENDARS_FILE, TARIFFS_FILE):
        shutil.copyfile(file, folder.path / file.name)
    for source in (PLANS_DIR, LEGAL_DIR):
        shutil.copytree(source, folder.path / source.name, dirs_exist_ok=True)


def _write_reference(folder: DemoFolder, book: DemoBook, parameters: DemoParameters) -> None:
    schedule = parameters.schedule
    write_read_calendar(path=folder.path / "read-calendar.csv", schedule=schedule)
    write_taxes(path=folder.path / "taxes.yaml", towns=places.TOWNS)
    days = range((schedule.as_of - schedule.first_start).days)
    write_prices(
        path=folder.path / "prices.csv",
        points=book.catalog.points,
        dates=[schedule.first_start + dt.timedelta(days=day) for day in days],
        seed=parameters.seed,
    )


def _write_intervals(
    folder: DemoFolder,
    book: DemoBook,
    readings: Readings,
    parameters: DemoParameters,
    report: Report,
) -> tuple[int, Counter[str], int]:
    writer = IntervalWriter(sites=book.sites, readings=readings, report=report)
    files, days, quarter_hours = 0, Counter[str](), 0
    for delivery in deliveries(schedule=parameters.schedule):
        told = writer.write(delivery=delivery, root=folder.intervals)
        files += told.files
        days += told.days
        quarter_hours += told.quarter_hours
    _write_one_home(folder, book.sites[0], writer.days_of_first_site, parameters)
    return files, days, quarter_hours


def _write_one_home(
    folder: DemoFolder, site: Site, days: Sequence[PointDay], parameters: DemoParameters
) -> None:
    """The first home's last period in a file of its own: for trying plans on it."""
    period = parameters.schedule.last_period(cycle=site.cycle)
    mine = [day for day in days if day.date in period]
    write_wide_csv(path=folder.path / "one-home.csv", days=mine)

"""Loads places with their local taxes, and rates of the state's law, from YAML."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from ossrep.billing.db import connection, transaction
from ossrep.billing.domain.tax_changes import RateChanges, plan_additions, plan_correction
from ossrep.billing.domain.tax_file import RATE_DECIMALS, LawKind, LawRow, TaxFile, parse_tax_file
from ossrep.billing.domain.taxes import LocalTax as TaxValue
from ossrep.billing.domain.taxes import Place
from ossrep.billing.models import LawRate, LawRateKind, LocalTax, LocalTaxRate, TaxPlace
from ossrep.billing.queries.tax_places import get_tax_places
from ossrep.infra.yaml_files import YamlFile, read_yaml
from ossrep.kernel.errors import DomainError
from ossrep.rating import InvalidDocument

_KINDS = {
    LawKind.PUC: LawRateKind.PUC,
    LawKind.STATE_SALES: LawRateKind.STATE_SALES,
    LawKind.GROSS_RECEIPTS: LawRateKind.GROSS_RECEIPTS,
}


class TaxFileRefused(DomainError):
    """A file refused as a whole; the message has a line for each problem, with file and line."""

    code = "tax_file_refused"


class TaxCorrectionNeedsReason(DomainError):
    """Stored taxes are about to be replaced and nobody says why."""

    code = "correction_needs_reason"


@dataclass(slots=True)
class TaxesImported:
    """Counts of one file: places, and dated rates of local taxes and of the law."""

    new_places: int = 0
    changed_places: int = 0
    added: int = 0
    ended: int = 0
    corrected: int = 0
    removed: int = 0
    same: int = 0


def import_taxes(*, path: Path, correct: bool = False, reason: str = "") -> TaxesImported:
    """Loads one file, all or nothing. The same file again changes nothing.

    New places, new rates and the end of an open rate are taken. What contradicts stored data is
    refused with its line; with ``correct`` the place and the taxes that the file names become as
    the file says, and history keeps what was, with ``reason``.
    """
    if correct and not reason:
        raise TaxCorrectionNeedsReason("a correction needs --reason: it changes taxes of the past")
    file = read_yaml(path=path)
    try:
        taxes = parse_tax_file(file.data)
    except InvalidDocument as invalid:
        raise _refused(file, list(invalid.problems)) from invalid
    done = TaxesImported()
    problems: list[tuple[str, str]] = []
    with transaction():
        with connection().cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('billing.taxes'))")
        _take_places(taxes, correct, done, problems)
        for at, row in taxes.law.items():
            _take_law(at, row, done, problems)
        if problems:
            raise _refused(file, problems)
    return done


def _refused(file: YamlFile, problems: list[tuple[str, str]]) -> TaxFileRefused:
    return TaxFileRefused("\n".join(f"{file.where(at)}: {message}" for at, message in problems))


def _take_places(
    taxes: TaxFile, correct: bool, done: TaxesImported, problems: list[tuple[str, str]]
) -> None:
    stored = get_tax_places(codes={place.code for place in taxes.places.values()})
    for at, place in taxes.places.items():
        before = stored.get(place.code)
        if before is None:
            TaxPlace.objects.create(code=place.code, name=place.name, population=place.population)
            done.new_places += 1
        elif (before.name, before.population) != (place.name, place.population):
            if correct:
                _change_place(place)
                done.changed_places += 1
            else:
                text = f"{place.code} is stored as {before.name}, population {before.population}"
                problems.append((at, f"{text}: import with --correct to change it"))
        _take_local_taxes(at, place, before, correct, done, problems)


def _change_place(place: Place) -> None:
    row = TaxPlace.objects.get(code=place.code)
    row.name, row.population = place.name, place.population
    row.save(update_fields=["name", "population"])


def _take_local_taxes(
    at: str,
    place: Place,
    before: Place | None,
    correct: bool,
    done: TaxesImported,
    problems: list[tuple[str, str]],
) -> None:
    stored = before.local_taxes if before else ()
    plan = plan_correction if correct else plan_additions
    for code in dict.fromkeys(tax.code for tax in place.local_taxes):
        changes = plan(
            stored=[tax for tax in stored if tax.code == code],
            given=[tax for tax in place.local_taxes if tax.code == code],
        )
        problems += [(f"{at}.local_taxes", conflict) for conflict in changes.conflicts]
        if not problems:
            _write(_local_tax(place.code, code), changes)
        done.added += len(changes.inserts)
        done.ended += len(changes.endings)
        done.corrected += len(changes.corrections)
        done.removed += len(changes.removals)
        done.same += changes.same


def _local_tax(place_code: str, code: str) -> LocalTax:
    """The tax's row; a new one is printed after those that are there."""
    place = TaxPlace.objects.get(code=place_code)
    tax, _ = LocalTax.objects.get_or_create(
        place=place, code=code, defaults={"position": place.local_taxes.count() + 1}
    )
    return tax


def _write(tax: LocalTax, changes: RateChanges) -> None:
    for row in changes.removals:
        tax.rates.get(from_date=row.from_date).delete()
    for row in (*changes.endings, *changes.corrections):
        stored = tax.rates.get(from_date=row.from_date)
        stored.label, stored.residential = row.label, row.residential
        stored.rate, stored.to_date = _decimal(row.rate), row.to_date
        stored.save()
    for row in changes.inserts:
        LocalTaxRate.objects.create(tax=tax, **_columns(row))


def _columns(row: TaxValue) -> dict[str, object]:
    return {
        "label": row.label,
        "rate": _decimal(row.rate),
        "residential": row.residential,
        "from_date": row.from_date,
        "to_date": row.to_date,
    }


def _decimal(rate: Fraction) -> Decimal:
    """The rate as the table holds it; reading the file saw to it that nothing is lost."""
    scaled = rate * 10**RATE_DECIMALS
    assert scaled.denominator == 1
    return Decimal(scaled.numerator).scaleb(-RATE_DECIMALS)


def _take_law(at: str, row: LawRow, done: TaxesImported, problems: list[tuple[str, str]]) -> None:
    """A rate from a day on ends the one before; the past of the law is not changed by a file."""
    rows = LawRate.objects.filter(kind=_KINDS[row.kind], above_population=row.above_population)
    last = rows.order_by("-from_date").first()
    if last is not None and last.from_date >= row.from_date:
        same = Fraction(last.numerator, last.denominator) == row.rate
        if last.from_date == row.from_date and same:
            done.same += 1
        else:
            problems.append((at, f"a rate from {last.from_date} on is stored: only later ones"))
        return
    if last is not None:
        _end(last, row.from_date)
        done.ended += 1
    LawRate.objects.create(
        kind=_KINDS[row.kind],
        above_population=row.above_population,
        numerator=row.rate.numerator,
        denominator=row.rate.denominator,
        from_date=row.from_date,
    )
    done.added += 1


def _end(row: LawRate, date: dt.date) -> None:
    row.to_date = date
    row.save(update_fields=["to_date"])

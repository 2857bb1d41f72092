"""Rows that many bills share, found or made once: line and tax templates, parts, ledger accounts.

Ids are kept between chunks. What a transaction made is forgotten when it is rolled back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ossrep.billing.db import connection
from ossrep.billing.domain.taxes import TaxTemplate
from ossrep.billing.models import LedgerAccountKind
from ossrep.rating import LineTemplate

HASHES_KEPT_MAX = 20_000

_LINE_COLUMNS = (
    "section",
    "kind",
    "component",
    "bucket",
    "label",
    "unit",
    "unit_price_usd",
    "quantity_scale",
    "recurring",
    "energy",
    "taxes",
    "recipe",
)


class Registers:
    """Content to id, for one worker."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str], int] = {}
        self._hashes: dict[int, tuple[LineTemplate, str]] = {}

    def forget(self) -> None:
        """Call after a rollback: rows made in it do not exist."""
        self._ids.clear()

    def line_templates(self, templates: Sequence[LineTemplate]) -> list[int]:
        """The id of each template's row."""
        hashes = [self._hash_of(template) for template in templates]
        rows = {
            key: _line_row(template)
            for key, template in zip(hashes, templates, strict=True)
            if ("line_template", key) not in self._ids
        }
        self._make("line_template", _LINE_COLUMNS, rows)
        return [self._ids["line_template", key] for key in hashes]

    def tax_templates(self, templates: Sequence[TaxTemplate]) -> list[int]:
        """The id of each template's row."""
        rows = {_digest(row): tuple(row.values()) for row in map(_tax_row, templates)}
        self._make("tax_template", ("code", "label", "place", "rate"), rows)
        return [self._ids["tax_template", _digest(_tax_row(template))] for template in templates]

    def printed_part(self, kind: str, content: Mapping[str, Any]) -> int:
        """The id of the row with this content."""
        key = _digest({"kind": kind, "content": content})
        if ("printed_part", key) not in self._ids:
            row = (kind, json.dumps(content, ensure_ascii=False))
            self._make("printed_part", ("kind", "content"), {key: row})
        return self._ids["printed_part", key]

    def house_accounts(self, wanted: Iterable[tuple[LedgerAccountKind, str]]) -> list[int]:
        """The ids of the house's own ledger accounts, by kind and code."""
        keys = [(str(kind.value), code) for kind, code in wanted]
        missing = sorted({key for key in keys if key not in self._ids})
        if missing:
            with connection().cursor() as cursor:
                kinds, codes = [kind for kind, _ in missing], [code for _, code in missing]
                cursor.execute(
                    "INSERT INTO ledger_account (kind, code) "
                    "SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING",
                    [kinds, codes],
                )
                cursor.execute(
                    "SELECT kind, code, id FROM ledger_account WHERE account_id IS NULL "
                    "AND (kind, code) IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
                    [kinds, codes],
                )
                self._ids.update({(row[0], row[1]): row[2] for row in cursor.fetchall()})
        return [self._ids[key] for key in keys]

    def _hash_of(self, template: LineTemplate) -> str:
        """Compiled plans keep their templates, so most are hashed once."""
        known = self._hashes.get(id(template))
        if known is not None and known[0] is template:
            return known[1]
        if len(self._hashes) >= HASHES_KEPT_MAX:
            self._hashes.clear()
        found = _digest(dict(zip(_LINE_COLUMNS, _line_row(template), strict=True)))
        self._hashes[id(template)] = (template, found)
        return found

    def _make(
        self, table: str, columns: Sequence[str], rows: Mapping[str, tuple[Any, ...]]
    ) -> None:
        """Inserts what is not there, in one order for all workers, and learns the ids."""
        missing = sorted(key for key in rows if (table, key) not in self._ids)
        if not missing:
            return
        names = ", ".join(("content_hash", *columns))
        marks = ", ".join(["%s"] * (len(columns) + 1))
        with connection().cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING",  # noqa: S608
                [(key, *rows[key]) for key in missing],
            )
            cursor.execute(
                f"SELECT content_hash, id FROM {table} WHERE content_hash = ANY(%s)",  # noqa: S608
                [missing],
            )
            self._ids.update({(table, row[0]): row[1] for row in cursor.fetchall()})


def _digest(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _line_row(template: LineTemplate) -> tuple[Any, ...]:
    price = template.unit_price_e8
    return (
        str(template.section),
        template.kind,
        template.component,
        template.bucket,
        template.label,
        str(template.unit),
        None if price is None else Decimal(price).scaleb(-8),
        template.quantity_scale,
        template.recurring,
        template.energy,
        sorted(str(tax) for tax in template.taxes),
        json.dumps(template.recipe, sort_keys=True, ensure_ascii=False),
    )


def _tax_row(template: TaxTemplate) -> dict[str, str]:
    return {
        "code": template.code,
        "label": template.label,
        "place": template.place or "",
        "rate": str(template.rate),
    }

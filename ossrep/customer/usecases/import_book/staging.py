"""The set-based SQL of one batch: stage by COPY, look up, insert, update."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ossrep.customer.db import connection, rows, run
from ossrep.customer.domain.records import Column
from ossrep.customer.files.book_reading import BookRow
from ossrep.customer.files.lines import Fault
from ossrep.customer.usecases.import_book.tables import Field, Reference, Table


@dataclass(slots=True)
class Candidate:
    """A readable row on its way into its table.

    ``cells`` are what is to be stored, by the book's columns. The look-up fills in ``id`` (None:
    a new record), ``changed`` (columns that differ), the ids of ``references`` by column, those
    that the stored record has (``current``), and what the kind's own judge asked for (``extras``).
    """

    row: BookRow
    cells: dict[str, str]
    id: int | None = None
    is_new: bool = False
    changed: list[str] = field(default_factory=list)
    references: dict[str, int | None] = field(default_factory=dict)
    current: dict[str, int | None] = field(default_factory=dict)
    extras: tuple[Any, ...] = ()
    refusal: Fault | None = None

    def refuse(self, code: str, reason: str) -> None:
        """Notes why the row cannot be taken; the first reason stays."""
        self.refusal = self.refusal or Fault(code, reason)


@dataclass(frozen=True, slots=True)
class Extras:
    """What a kind's judge wants of the look-up besides.

    SQL over ``s`` (staged), ``t`` (stored) and ``<column>_is``, the record that a reference
    names. Left out where the batch does not bring the column ``needs``.
    """

    select: tuple[str, ...] = ()
    join: str = ""
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """The staging of one kind for one set of columns."""

    table: Table
    columns: Sequence[Column]

    @property
    def fields(self) -> list[tuple[str, Field]]:
        """(book's column, field) of those that the batch brings."""
        brought = {column.name for column in self.columns}
        return [(c, f) for c, f in self.table.fields.items() if c in brought]

    @property
    def references(self) -> list[Reference]:
        """References that the batch brings."""
        brought = {column.name for column in self.columns}
        return [r for r in self.table.references if r.column in brought]

    def fill(self, candidates: Sequence[Candidate]) -> None:
        """Copies the batch into a temporary table that the transaction's end drops."""
        names = [f"{f.name} {f.type}" for _, f in self.fields]
        names += [f"{r.column} text" for r in self.references]
        run("DROP TABLE IF EXISTS pg_temp.stage")
        run(f"CREATE TEMP TABLE stage (row_no int, number text, {', '.join(names)}) ON COMMIT DROP")
        with connection().cursor() as cursor, cursor.copy("COPY stage FROM STDIN") as copy:
            for row_no, candidate in enumerate(candidates):
                copy.write_row(self._copy_row(row_no, candidate.cells))
        run("ANALYZE stage")

    def _copy_row(self, row_no: int, cells: dict[str, str]) -> list[object]:
        out: list[object] = [row_no, cells[self.table.number_column]]
        out += [cells[c] if f.type == "text" else cells[c] or None for c, f in self.fields]
        out += [cells[r.column] or None for r in self.references]
        return out

    def look_up(self, candidates: Sequence[Candidate], extras: Extras) -> None:
        """Finds records by number and references by theirs, and what differs; one query."""
        references = self.references
        if extras.needs and extras.needs not in {r.column for r in references}:
            extras = Extras()
        differing = [
            f"CASE WHEN t.{f.name} IS DISTINCT FROM s.{f.name} THEN '{c}' END"
            for c, f in self.fields
        ]
        selected = [
            "s.row_no",
            "t.id",
            f"array_remove(ARRAY[{', '.join(differing)}]::text[], NULL)",
            *(f"{r.column}_is.id" for r in references),
            *(f"t.{r.name}" for r in references),
            *extras.select,
        ]
        joined = [
            f"LEFT JOIN {r.table} {r.column}_is ON {r.column}_is.number = s.{r.column}"
            for r in references
        ]
        key = self.table.key_reference
        also = f" AND t.{key.name} = {key.column}_is.id" if key else ""
        found = rows(
            f"SELECT {', '.join(selected)} FROM stage s {' '.join(joined)} "  # noqa: S608
            f"LEFT JOIN {self.table.name} t ON t.number = s.number{also} {extras.join}"
        )
        count = len(references)
        for row in found:
            candidate = candidates[row[0]]
            candidate.id, candidate.is_new = row[1], row[1] is None
            candidate.changed = row[2] if row[1] is not None else []
            for i, reference in enumerate(references):
                candidate.references[reference.column] = row[3 + i]
                candidate.current[reference.column] = row[3 + count + i]
            candidate.extras = row[3 + 2 * count :]

    def find_overlaps(
        self, taken: Sequence[tuple[int, Candidate]]
    ) -> list[tuple[int, int | None, str]]:
        """Rows that share days with a stored record or an earlier row of the batch, by row number.

        Each with the other's row number (None: stored) and number, in the state that the whole
        batch would leave.
        """
        overlap = self.table.overlap
        if overlap is None or not taken:
            return []
        same = " AND ".join(
            f"{group.format(row='a')} = {group.format(row='b')}" for group in overlap.group
        )
        start, end = overlap.start, overlap.end
        found: list[tuple[int, int | None, str]] = rows(
            f"{self._with_wanted()}, others AS ("  # noqa: S608
            f" SELECT NULL::int AS row_no, {self._columns('t.')} FROM {self.table.name} t"
            " WHERE t.id NOT IN (SELECT id FROM wanted)"
            " UNION ALL SELECT * FROM wanted) "
            "SELECT a.row_no, b.row_no, b.number FROM wanted a JOIN others b "
            f"ON {same} AND a.id <> b.id AND (b.row_no IS NULL OR b.row_no < a.row_no) "
            f"AND daterange(a.{start}, a.{end}) && daterange(b.{start}, b.{end}) "
            "ORDER BY a.row_no, b.row_no, b.number",
            self._parameters(taken),
        )
        return found

    def _with_wanted(self) -> str:
        brought = {f.name for _, f in self.fields}
        values = [
            f"s.{f.name}" if f.name in brought else f"t.{f.name}"
            for f in self.table.fields.values()
        ]
        given = [r.name for r in self.references]
        values += [
            f"w.r{given.index(r.name)}" if r.name in given else f"t.{r.name}"
            for r in self.table.references
        ]
        return (
            f"WITH wanted (row_no, {self._columns()}) AS ("  # noqa: S608
            f"SELECT w.row_no, w.id, s.number, {', '.join(values)} "
            f"FROM stage s JOIN {self._unnest()} USING (row_no) "
            f"LEFT JOIN {self.table.name} t ON t.id = w.id)"
        )

    def _columns(self, prefix: str = "") -> str:
        names = ["id", "number", *(f.name for f in self.table.fields.values())]
        names += [r.name for r in self.table.references]
        return ", ".join(f"{prefix}{name}" for name in names)

    def _unnest(self) -> str:
        extra = range(len(self.references))
        arrays = "".join(f", %(r{i})s::bigint[]" for i in extra)
        names = "".join(f", r{i}" for i in extra)
        return f"unnest(%(row_no)s::int[], %(id)s::bigint[]{arrays}) AS w(row_no, id{names})"

    def _parameters(self, taken: Sequence[tuple[int, Candidate]]) -> dict[str, list[Any]]:
        parameters: dict[str, list[Any]] = {
            "row_no": [row_no for row_no, _ in taken],
            "id": [candidate.id for _, candidate in taken],
        }
        for i, reference in enumerate(self.references):
            parameters[f"r{i}"] = [c.references[reference.column] for _, c in taken]
        return parameters

    def insert(self, taken: Sequence[tuple[int, Candidate]]) -> None:
        """Inserts new records with the ids that the candidates were given."""
        brought = {c for c, _ in self.fields}
        kind = self.table.kind
        names = ["id", "number", *(r.name for r in self.references)]
        values = ["w.id", "s.number", *(f"w.r{i}" for i, _ in enumerate(self.references))]
        for column, kept in self.table.fields.items():
            names.append(kept.name)
            default = kind.columns[column].default if kept.type == "text" else None
            literal = f"'{default}'" if default is not None else "NULL"
            values.append(f"s.{kept.name}" if column in brought else literal)
        run(
            f"INSERT INTO {self.table.name} ({', '.join(names)}) "  # noqa: S608
            f"SELECT {', '.join(values)} FROM stage s JOIN {self._unnest()} USING (row_no) "
            "ORDER BY row_no",
            self._parameters(taken),
        )

    def update(self, taken: Sequence[tuple[int, Candidate]]) -> None:
        """Brings records that differ to what the batch says; fixed columns stay."""
        settings = [f"{f.name} = s.{f.name}" for c, f in self.fields if c not in self.table.fixed]
        settings += [f"{r.name} = w.r{i}" for i, r in enumerate(self.references) if not r.is_fixed]
        run(
            f"UPDATE {self.table.name} t SET {', '.join(settings)} "  # noqa: S608
            f"FROM stage s JOIN {self._unnest()} USING (row_no) WHERE t.id = w.id",
            self._parameters(taken),
        )


def take_ids(table: str, count: int) -> list[int]:
    """So many new ids of a table, in order."""
    found = rows(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
        [table, count],
    )
    return [row[0] for row in found]

"""What a table needs so that its changes can be read in order: the writer's transaction id.

An id, a time or a sequence is given before commit, so a reader that remembers the highest one
misses whoever commits late. The id of the writing transaction can be compared with the oldest one
still at work: what lies below that is complete for ever (see ``reading``).

Two ways, both by triggers, so that no path of writing can forget it:

- ``follow``: a row of ``changed_row`` for each row of the table, deletions included. One statement
  more for each statement, whatever it writes, COPY too; the table itself stays as it is.
- ``stamp``: a column ``changed_xid`` of the table itself, for tables of millions of rows. Deletions
  leave no trace: keep such a row and mark it, or follow deletions besides.
"""

from __future__ import annotations

from django.db import models

XID = "pg_current_xact_id()::text::bigint"

_FOLLOW = """
    CREATE FUNCTION note_{table}_{word}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO changed_row AS c (resource, key, changed_xid, is_deleted)
        SELECT '{resource}', {key}, {xid}, {deleted} FROM changed ORDER BY 2
        ON CONFLICT (resource, key) DO UPDATE
        SET changed_xid = EXCLUDED.changed_xid, is_deleted = EXCLUDED.is_deleted;
        RETURN NULL;
    END $$;
    CREATE TRIGGER {table}_{word}_is_noted AFTER {event} ON {table}
    REFERENCING {side} TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_{table}_{word}();
"""
_FILL = """
    INSERT INTO changed_row (resource, key, changed_xid, is_deleted)
    SELECT '{resource}', {key}, {xid}, false FROM {table} ON CONFLICT DO NOTHING;
"""
_UNFOLLOW = """
    DROP TRIGGER {table}_{word}_is_noted ON {table};
    DROP FUNCTION note_{table}_{word}();
"""
_EVENTS = (
    ("added", "INSERT", "NEW", "false"),
    ("changed", "UPDATE", "NEW", "false"),
    ("deleted", "DELETE", "OLD", "true"),
)
_STAMP = """
    CREATE FUNCTION stamp_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.changed_xid := {xid};
        RETURN NEW;
    END $$;
    CREATE TRIGGER {table}_is_stamped BEFORE INSERT OR UPDATE ON {table}
    FOR EACH ROW EXECUTE FUNCTION stamp_{table}();
"""


class ChangedRowBase(models.Model):
    """The last change of one row of a followed table; a context has one such table for all."""

    pk = models.CompositePrimaryKey("resource", "key")
    resource = models.TextField()
    key = models.BigIntegerField()
    changed_xid = models.BigIntegerField()
    is_deleted = models.BooleanField(default=False)

    class Meta:
        abstract = True
        db_table = "changed_row"
        indexes = [
            models.Index(
                fields=["resource", "changed_xid", "key"], name="%(app_label)s_changed_row_feed"
            )
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.key}"


def follow(*, table: str, resource: str, key: str = "id") -> str:
    """SQL for a migration: ``table`` is followed as ``resource``; rows it has are noted, too."""
    names = {"table": table, "resource": resource, "key": key, "xid": XID}
    parts = [
        _FOLLOW.format(word=word, event=event, side=side, deleted=deleted, **names)
        for word, event, side, deleted in _EVENTS
    ]
    return "".join([*parts, _FILL.format(**names)])


def unfollow(*, table: str) -> str:
    """SQL that undoes ``follow``."""
    return "".join(_UNFOLLOW.format(table=table, word=word) for word, *_ in _EVENTS)


def stamp(*, table: str) -> str:
    """SQL for a migration: every insert and update of a row writes its ``changed_xid``.

    The column is a BigIntegerField (0 for rows from before), with an index on it and the key.
    """
    return _STAMP.format(table=table, xid=XID)

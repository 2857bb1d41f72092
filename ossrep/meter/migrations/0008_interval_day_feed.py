"""Interval days can be followed: each row says which transaction wrote it."""

from django.db import migrations, models
from django.db.models import Func

from ossrep.infra.feeds.tables import XID

# Rows are only added, so a default does what a trigger would, and costs an import next to nothing.
# It is the same for the whole transaction: rows from before get that of the migration, unwritten.
COLUMN = f"""
ALTER TABLE interval_day ADD COLUMN changed_xid bigint NOT NULL DEFAULT {XID};
-- For a restore only, when numbers of transactions begin anew; what was received stays as it is.
GRANT UPDATE (changed_xid) ON interval_day TO meter;
"""
PARTITIONS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'interval_day'::regclass ORDER BY 1
"""


def add_index(apps, schema_editor):
    """Month after month and without locking out imports; again after a failure, too."""
    quote = schema_editor.quote_name
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "CREATE INDEX IF NOT EXISTS meter_interval_day_feed "
            "ON ONLY interval_day (changed_xid, id)"
        )
        cursor.execute(PARTITIONS)
        for (partition,) in cursor.fetchall():
            index = quote(f"{partition}_feed")
            cursor.execute(
                "SELECT 1 FROM pg_inherits i JOIN pg_index x ON x.indexrelid = i.inhrelid "
                "WHERE i.inhparent = 'meter_interval_day_feed'::regclass "
                "AND x.indrelid = %s::regclass",
                [quote(partition)],
            )
            if cursor.fetchone():
                continue
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
            cursor.execute(
                f"CREATE INDEX CONCURRENTLY {index} ON {quote(partition)} (changed_xid, id)"
            )
            cursor.execute(f"ALTER INDEX meter_interval_day_feed ATTACH PARTITION {index}")


def drop_index(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("DROP INDEX meter_interval_day_feed")


class Migration(migrations.Migration):
    # Without a transaction, for indexes that are made beside running imports.
    atomic = False
    dependencies = [("meter", "0007_cancelled_registers")]

    operations = [
        migrations.RunSQL(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_attribute "
            f"WHERE attrelid = 'interval_day'::regclass AND attname = 'changed_xid') "
            f"THEN {COLUMN} END IF; END $$",
            "ALTER TABLE interval_day DROP COLUMN changed_xid",
            state_operations=[
                migrations.AddField(
                    "intervalday",
                    "changed_xid",
                    models.BigIntegerField(db_default=Func(template=XID), editable=False),
                ),
                migrations.AddIndex(
                    "intervalday",
                    models.Index(fields=["changed_xid", "id"], name="meter_interval_day_feed"),
                ),
            ],
        ),
        migrations.RunPython(add_index, drop_index),
    ]

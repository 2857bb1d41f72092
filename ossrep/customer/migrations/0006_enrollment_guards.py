"""What Django's models cannot say of enrollments: number series and rights."""

from django.db import migrations

SERIES = ("enrollment", "move_out")
KEPT = ("enrollment", "move_out")
APPEND_ONLY = ("enrollment_event", "move_out_event")


class Migration(migrations.Migration):
    dependencies = [("customer", "0005_enrollments")]

    operations = [
        *[
            migrations.RunSQL(
                f"CREATE SEQUENCE {name}_number_seq START WITH 10000001 CACHE 1",
                f"DROP SEQUENCE {name}_number_seq",
            )
            for name in SERIES
        ],
        *[
            migrations.RunSQL(
                f"REVOKE DELETE ON {table} FROM customer", f"GRANT DELETE ON {table} TO customer"
            )
            for table in KEPT
        ],
        *[
            migrations.RunSQL(
                f"REVOKE UPDATE, DELETE ON {table} FROM customer",
                f"GRANT UPDATE, DELETE ON {table} TO customer",
            )
            for table in APPEND_ONLY
        ],
    ]

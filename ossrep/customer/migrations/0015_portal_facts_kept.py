"""Since when records are here, from their history; rights on the new table."""

from django.db import migrations

from ossrep.infra.row_security import CUSTOMER_ID, protect


def _since(table):
    # Without the triggers: that a record was made long ago is no change of it.
    return migrations.RunSQL(
        [
            f"ALTER TABLE {table} DISABLE TRIGGER USER",
            f"UPDATE {table} r SET created_at = h.first_at FROM (SELECT pgh_obj_id, "
            f"min(pgh_created_at) AS first_at FROM {table}_event GROUP BY pgh_obj_id) h "
            "WHERE h.pgh_obj_id = r.id",
            f"ALTER TABLE {table} ENABLE TRIGGER USER",
        ],
        migrations.RunSQL.noop,
    )


class Migration(migrations.Migration):
    dependencies = [("customer", "0014_portal_facts")]

    operations = [
        _since("customer"),
        _since("account"),
        migrations.RunSQL(
            "REVOKE DELETE ON contact_consent FROM customer",
            "GRANT DELETE ON contact_consent TO customer",
        ),
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE ON contact_consent_event FROM customer",
            "GRANT UPDATE, DELETE ON contact_consent_event TO customer",
        ),
        protect(
            context="customer", table="contact_consent", key_sql=f"customer_id = {CUSTOMER_ID}"
        ),
    ]

"""Whose logins, invitations and claims a customer's call may read, and what nobody deletes."""

from django.db import migrations

from ossrep.infra.row_security import CUSTOMER_ID, protect

APPEND_ONLY = ("login_invitation_event", "login_claim_event")
OF_CUSTOMER = f"customer_id = {CUSTOMER_ID}"


class Migration(migrations.Migration):
    dependencies = [("customer", "0012_login_offers")]

    operations = [
        *[
            migrations.RunSQL(
                f"REVOKE DELETE ON {table} FROM customer", f"GRANT DELETE ON {table} TO customer"
            )
            for table in ("login_invitation", "login_claim")
        ],
        *[
            migrations.RunSQL(
                f"REVOKE UPDATE, DELETE ON {table} FROM customer",
                f"GRANT UPDATE, DELETE ON {table} TO customer",
            )
            for table in APPEND_ONLY
        ],
        protect(context="customer", table="login", key_sql=OF_CUSTOMER),
        protect(context="customer", table="login_account", key_sql=OF_CUSTOMER),
        protect(context="customer", table="login_invitation", key_sql=OF_CUSTOMER),
        protect(context="customer", table="login_claim", key_sql=OF_CUSTOMER),
    ]

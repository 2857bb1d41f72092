"""What Django's models cannot say of logins, and what a customer's call may read."""

from django.db import migrations

from ossrep.infra.row_security import ACCOUNT_IDS, CUSTOMER_ID, OF_ACCOUNT, protect

APPEND_ONLY = ("login_event", "login_account_event")
OF_OWN_PREMISES = f"IN (SELECT c.premises_id FROM contract c WHERE c.account_id = ANY ({ACCOUNT_IDS}))"


def _within_one_customer(column, target):
    constraint = f"cust_login_account_{target}"
    return migrations.RunSQL(
        f"ALTER TABLE login_account ADD CONSTRAINT {constraint} "
        f"FOREIGN KEY ({column}, customer_id) REFERENCES {target} (id, customer_id)",
        f"ALTER TABLE login_account DROP CONSTRAINT {constraint}",
    )


class Migration(migrations.Migration):
    dependencies = [("customer", "0008_logins")]

    operations = [
        _within_one_customer("login_id", "login"),
        _within_one_customer("account_id", "account"),
        migrations.RunSQL(
            "REVOKE DELETE ON login FROM customer", "GRANT DELETE ON login TO customer"
        ),
        *[
            migrations.RunSQL(
                f"REVOKE UPDATE, DELETE ON {table} FROM customer",
                f"GRANT UPDATE, DELETE ON {table} TO customer",
            )
            for table in APPEND_ONLY
        ],
        protect(context="customer", table="customer", key_sql=f"id = {CUSTOMER_ID}"),
        protect(context="customer", table="account", key_sql=f"id = ANY ({ACCOUNT_IDS})"),
        protect(
            context="customer",
            table="contact",
            key_sql=f"customer_id = {CUSTOMER_ID} AND (account_id IS NULL OR {OF_ACCOUNT})",
        ),
        protect(context="customer", table="contract", key_sql=OF_ACCOUNT),
        protect(context="customer", table="premises", key_sql=f"id {OF_OWN_PREMISES}"),
        protect(context="customer", table="meter", key_sql=f"premises_id {OF_OWN_PREMISES}"),
    ]

"""What Django's models cannot say: number series, keys within one customer, rights."""

from django.db import migrations

SERIES = ("customer", "account", "premises", "contract", "contact")
KEPT = ("customer", "account", "premises", "contract", "exemption_certificate", "import_run")
APPEND_ONLY = (
    "contract_status_change",
    "customer_event",
    "contact_event",
    "account_event",
    "premises_event",
    "meter_event",
    "contract_event",
    "exemption_certificate_event",
)


def _series(name):
    return migrations.RunSQL(
        f"CREATE SEQUENCE {name}_number_seq START WITH 10000001 CACHE 1",
        f"DROP SEQUENCE {name}_number_seq",
    )


def _within_one_customer(table, column, constraint):
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {constraint} FOREIGN KEY ({column}, customer_id) "
        "REFERENCES account (id, customer_id)",
        f"ALTER TABLE {table} DROP CONSTRAINT {constraint}",
    )


class Migration(migrations.Migration):
    dependencies = [("customer", "0002_customers_accounts_premises_contracts")]

    operations = [
        *[_series(name) for name in SERIES],
        _within_one_customer("account", "parent_id", "cust_account_same_customer"),
        _within_one_customer("contact", "account_id", "cust_contact_same_customer"),
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

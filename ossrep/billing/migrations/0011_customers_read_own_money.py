"""What a customer's call may read: rows of own accounts, and the texts that all bills share."""

from django.db import migrations

from ossrep.infra.row_security import ACCOUNT_IDS, OF_ACCOUNT, protect

# Worked out once for a query: both sides of the policies that follow an invoice or an account.
OF_INVOICE = f"invoice_id IN (SELECT i.id FROM invoice i WHERE i.account_id = ANY ({ACCOUNT_IDS}))"
OF_LEDGER_ACCOUNT = (
    "ledger_account_id IN "
    f"(SELECT a.id FROM ledger_account a WHERE a.account_id = ANY ({ACCOUNT_IDS}))"
)
SHARED = "line_template, tax_template, printed_part"


class Migration(migrations.Migration):
    dependencies = [("billing", "0010_changed_rows")]

    operations = [
        *(
            protect(context="billing", table=table, key_sql=OF_ACCOUNT)
            for table in (
                "invoice",
                "charge",
                "reversal",
                "payment",
                "transfer",
                "ledger_account",
            )
        ),
        protect(context="billing", table="invoice_line", key_sql=OF_INVOICE),
        protect(context="billing", table="invoice_tax", key_sql=OF_INVOICE),
        protect(context="billing", table="ledger_balance", key_sql=OF_LEDGER_ACCOUNT),
        migrations.RunSQL(
            f"GRANT SELECT ON {SHARED} TO billing_external",
            f"REVOKE SELECT ON {SHARED} FROM billing_external",
        ),
    ]

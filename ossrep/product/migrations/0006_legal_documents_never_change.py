"""Documents that customers were given stay as they were."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("product", "0005_legal_documents")]

    operations = [
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE, TRUNCATE ON legal_document FROM product",
            "GRANT UPDATE, DELETE ON legal_document TO product",
        ),
    ]

"""What Django's models cannot say of online enrollments: the number series and rights."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customer", "0010_online_enrollments")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE online_enrollment_number_seq START WITH 10000001 CACHE 1",
            "DROP SEQUENCE online_enrollment_number_seq",
        ),
        migrations.RunSQL(
            "REVOKE DELETE ON online_enrollment FROM customer",
            "GRANT DELETE ON online_enrollment TO customer",
        ),
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE ON enrollment_consent FROM customer",
            "GRANT UPDATE, DELETE ON enrollment_consent TO customer",
        ),
    ]

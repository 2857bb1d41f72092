"""Groups for the roles; what each may do is set after every migrate, by name."""

from django.db import migrations

ROLES = ("customer", "csr", "billing", "market", "product", "admin", "service")


def seed(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for role in ROLES:
        group.objects.using(schema_editor.connection.alias).get_or_create(name=role)


class Migration(migrations.Migration):
    dependencies = [
        ("infra", "0002_one_time_password"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

"""The limits that bills are checked against from the start; people change them in the admin."""

from django.db import migrations

LIMITS = (
    ("amount_too_high", "residential", "1500", "USD", "Current charges above this are held."),
    ("amount_too_high", "small_commercial", "15000", "USD", "Current charges above this are held."),
    ("amount_too_high", "*", "500000", "USD", "Current charges above this are held."),
    ("credit_too_high", "residential", "500", "USD", "A bill that pays out more is held."),
    ("credit_too_high", "*", "10000", "USD", "A bill that pays out more is held."),
    ("usage_jump", "*", "5", "times", "More kWh a day than so many times the usual are held."),
    ("usage_vanished", "*", "10", "kWh/day", "0 kWh where more than this was usual is held."),
    ("register_mismatch", "*", "2", "%", "Intervals and register further apart are held."),
    ("period_too_long", "*", "65", "days", "A bill for more days is held."),
    ("credit_cliff", "*", "1", "%", "Estimated usage this near a credit's threshold is held."),
    ("first_bill", "*", "0", "on/off", "Above 0: every contract's first bill is held."),
    ("final_bill", "*", "0", "on/off", "Above 0: every contract's final bill is held."),
)


def seed(apps, schema_editor):
    threshold = apps.get_model("billing", "GuardThreshold")
    threshold.objects.using(schema_editor.connection.alias).bulk_create(
        threshold(code=code, customer_class=who, value=value, unit=unit, meaning=meaning)
        for code, who, value, unit, meaning in LIMITS
    )


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_money_guards")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]

"""What the law's rates are, that no two rates of a day contradict, and that payments never change."""

import datetime as dt

from django.db import migrations

ALWAYS = dt.date(1900, 1, 1)
PUC, STATE_SALES, GROSS_RECEIPTS = 1, 2, 3
LAW = (
    (PUC, 0, 1, 600, "Utilities Code 16.001: one sixth of one percent"),
    (STATE_SALES, 0, 625, 10_000, "Tax Code 151.051: 6.25 percent"),
    (GROSS_RECEIPTS, 1_000, 581, 100_000, "Tax Code 182.022: more than 1,000, under 2,500"),
    (GROSS_RECEIPTS, 2_499, 107, 10_000, "Tax Code 182.022: 2,500 to under 10,000"),
    (GROSS_RECEIPTS, 9_999, 1_997, 100_000, "Tax Code 182.022: 10,000 or more"),
)

GUARDS = """
ALTER TABLE law_rate ADD CONSTRAINT law_rate_once_a_day EXCLUDE USING gist (
  int4range(kind, kind, '[]') WITH &&,
  int4range(above_population, above_population, '[]') WITH &&,
  daterange(from_date, to_date) WITH &&
);
ALTER TABLE local_tax_rate ADD CONSTRAINT local_tax_rate_once_a_day EXCLUDE USING gist (
  int8range(tax_id, tax_id, '[]') WITH &&,
  daterange(from_date, to_date) WITH &&
);
CREATE TRIGGER payment_immutable BEFORE UPDATE OR DELETE ON payment
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
REVOKE UPDATE, DELETE ON payment FROM billing;
REVOKE DELETE ON refused_row FROM billing;
REVOKE UPDATE, DELETE ON law_rate_event, tax_place_event, local_tax_rate_event FROM billing;
"""


def seed(apps, schema_editor):
    rate = apps.get_model("billing", "LawRate")
    rate.objects.using(schema_editor.connection.alias).bulk_create(
        rate(
            kind=kind,
            above_population=above,
            numerator=numerator,
            denominator=denominator,
            from_date=ALWAYS,
            source=source,
        )
        for kind, above, numerator, denominator, source in LAW
    )


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_taxes_payments_refused_rows")]

    operations = [
        migrations.RunSQL(GUARDS),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]

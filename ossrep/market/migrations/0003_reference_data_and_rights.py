"""The operator and the TDSPs of ERCOT's market, and what the runtime role may not do."""

from django.db import migrations

# Codes and order as ERCOT's public service point data has them. DUNS numbers from market
# messages; the one of LUBBOCK is inferred and must be verified. Empty: not known.
TDSPS = [
    ("CENTERPOINT", "CenterPoint Energy", "957877905", "market messages"),
    ("ONCOR_ELEC", "Oncor Electric Delivery", "1039940674000", "market messages"),
    ("AEP_CENTRAL", "AEP Texas Central", "007924772", "market messages"),
    ("AEP_NORTH", "AEP Texas North", "007923311", "market messages"),
    ("TNMP", "Texas-New Mexico Power", "007929441", "market messages"),
    ("LUBBOCK", "Lubbock Power and Light", "0582138934100", "inferred from a list: verify"),
    ("NUECES_ELEC", "Nueces Electric Cooperative", "0088288574800", "market messages"),
    ("ENTERGY_GULF", "Entergy Texas", "", ""),
    ("SHARYLAND", "Sharyland Utilities", "1052623364500", "market messages, historic"),
    ("SWEPCO_ENERG", "Southwestern Electric Power Company", "", ""),
    ("AEP_TEXAS_SP", "AEP Texas", "", ""),
]


def load(apps, schema_editor):
    iso = apps.get_model("market", "Iso").objects.create(
        code="ERCOT", name="Electric Reliability Council of Texas", duns="183529049"
    )
    tdsp_model = apps.get_model("market", "Tdsp")
    for code, name, duns, source in TDSPS:
        tdsp_model.objects.create(iso=iso, code=code, name=name, duns=duns, source=source)


RIGHTS = """
REVOKE UPDATE, DELETE ON tdsp_event, read_date_event FROM market;
REVOKE DELETE ON iso, tdsp, read_date, refused_read_row FROM market;
"""
RIGHTS_BACK = """
GRANT UPDATE, DELETE ON tdsp_event, read_date_event TO market;
GRANT DELETE ON iso, tdsp, read_date, refused_read_row TO market;
"""


class Migration(migrations.Migration):
    dependencies = [("market", "0002_tdsps_and_read_calendar")]

    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunSQL(RIGHTS, RIGHTS_BACK),
    ]

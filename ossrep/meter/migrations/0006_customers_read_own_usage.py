"""What a customer's call may read: own ESI IDs, on the days of own service."""

from django.db import migrations

from ossrep.infra.row_security import OF_ESI_ID, protect

# By meter point the days on which the caller was served there, as text: worked out once for a
# query, however many rows it looks at.
SERVED_DAYS = """(
  (SELECT jsonb_object_agg(own.id, own.days) FROM (
     SELECT p.id, range_agg(daterange(served.first_day, served.end_day))::text AS days
     FROM unnest(
       string_to_array(current_setting('ossrep.served_esi_ids', true), ','),
       string_to_array(current_setting('ossrep.served_from', true), ',')::date[],
       string_to_array(current_setting('ossrep.served_to', true), ',')::date[]
     ) AS served (esi_id, first_day, end_day)
     JOIN meter_point p ON p.esi_id = served.esi_id
     GROUP BY p.id) own)
  ->> meter_point_id::text)::datemultirange
"""


class Migration(migrations.Migration):
    dependencies = [("meter", "0005_changed_rows")]

    operations = [
        protect(
            context="meter",
            table="meter_point",
            key_sql=OF_ESI_ID,
            columns=("id", "esi_id", "first_export_date"),
        ),
        protect(context="meter", table="interval_day", key_sql=f"date <@ {SERVED_DAYS}"),
        protect(
            context="meter",
            table="register_usage",
            key_sql=f"daterange(start_date, end_date) <@ {SERVED_DAYS}",
        ),
    ]

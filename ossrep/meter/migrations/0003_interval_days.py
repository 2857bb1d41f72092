"""The interval days: a table partitioned by month, which Django's migrations cannot say."""

import django.db.models.deletion
from django.db import migrations, models

# The database's own count of a day's quarter hours, so that no row can be short or long.
INTERVALS = """
CREATE FUNCTION intervals_in_day(day date) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (extract(epoch FROM (day + 1)::timestamp AT TIME ZONE 'America/Chicago'
                           - day::timestamp AT TIME ZONE 'America/Chicago') / 900)::integer
$$;
"""

# No foreign keys: their checks cost a third of the import's speed. Meter points and intakes
# are never deleted (see the rights below), and the invariants look for strays.
TABLE = """
CREATE SEQUENCE interval_day_id_seq AS bigint;
CREATE TABLE interval_day (
  id bigint NOT NULL DEFAULT nextval('interval_day_id_seq'),
  meter_point_id integer NOT NULL,
  date date NOT NULL,
  direction smallint NOT NULL,
  revision smallint NOT NULL,
  became_current boolean NOT NULL,
  source smallint NOT NULL,
  source_time timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  intake_id bigint NOT NULL,
  line bigint NOT NULL,
  missing_intervals smallint NOT NULL,
  estimated_intervals smallint NOT NULL,
  total_wh bigint NOT NULL,
  peak_wh integer NOT NULL,
  register_wh bigint NOT NULL DEFAULT -1,
  vee_ruleset_id integer NOT NULL,
  vee_failed integer NOT NULL,
  digest uuid NOT NULL,
  wh bytea NOT NULL,
  quality bytea NOT NULL,
  CONSTRAINT interval_day_pkey PRIMARY KEY (meter_point_id, date, direction, revision),
  CONSTRAINT interval_day_length CHECK (octet_length(wh) = 4 * intervals_in_day(date)),
  CONSTRAINT interval_day_quality_length
    CHECK (octet_length(quality) = 1 OR 4 * octet_length(quality) = octet_length(wh)),
  CONSTRAINT interval_day_direction CHECK (direction IN (0, 1)),
  CONSTRAINT interval_day_source CHECK (source IN (1, 2, 3, 9)),
  CONSTRAINT interval_day_revision CHECK (revision >= 1 AND (revision > 1 OR became_current)),
  CONSTRAINT interval_day_counts CHECK (
    missing_intervals >= 0 AND estimated_intervals >= 0
    AND 4 * (missing_intervals + estimated_intervals) <= octet_length(wh)),
  CONSTRAINT interval_day_not_negative CHECK (
    total_wh >= 0 AND peak_wh >= 0 AND register_wh >= -1)
) PARTITION BY RANGE (date);
ALTER SEQUENCE interval_day_id_seq OWNED BY interval_day.id;
-- Rows are appended, so ids lie in order on disk: a tiny index finds one by id.
CREATE INDEX interval_day_id ON interval_day USING brin (id);
REVOKE UPDATE, DELETE ON interval_day FROM meter;
"""

# Runs as the owner, for the runtime role cannot create tables. Attaching locks out nobody.
PARTITIONS = """
CREATE FUNCTION ensure_interval_partition(month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = meter, pg_temp AS $$
DECLARE
  first_day date := date_trunc('month', month)::date;
  next_month date := (date_trunc('month', month) + interval '1 month')::date;
  name text := format('interval_day_%s', to_char(first_day, 'YYYYMM'));
BEGIN
  IF to_regclass(name) IS NOT NULL THEN
    RETURN false;
  END IF;
  -- The lock that attaching takes anyway; waiting for it also makes others' partitions visible.
  LOCK TABLE interval_day IN SHARE UPDATE EXCLUSIVE MODE;
  IF to_regclass(name) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE interval_day INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
                 name);
  EXECUTE format('REVOKE ALL ON %I FROM meter', name);
  EXECUTE format('GRANT SELECT, INSERT ON %I TO meter', name);
  EXECUTE format('ALTER TABLE interval_day ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                 name, first_day, next_month);
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION ensure_interval_partition FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_interval_partition TO meter;
"""

# For people and reports: values as an array (NULL where missing), and the days that count.
READING = """
CREATE FUNCTION interval_values(wh bytea) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_agg(nullif(
           (get_byte(wh, 4 * i)::bit(32) | (get_byte(wh, 4 * i + 1)::bit(32) << 8)
            | (get_byte(wh, 4 * i + 2)::bit(32) << 16)
            | (get_byte(wh, 4 * i + 3)::bit(32) << 24))::integer,
           -2147483648) ORDER BY i)
  FROM generate_series(0, octet_length(wh) / 4 - 1) AS i
$$;
CREATE VIEW current_interval_day AS
  SELECT DISTINCT ON (meter_point_id, date, direction) *
  FROM interval_day
  WHERE became_current
  ORDER BY meter_point_id, date, direction, revision DESC;
REVOKE ALL ON current_interval_day FROM meter;
GRANT SELECT ON current_interval_day TO meter;
"""

RIGHTS = """
REVOKE DELETE ON meter_point, intake, quarantined_record FROM meter;
REVOKE UPDATE, DELETE ON register_usage, vee_ruleset, vee_result, vee_threshold_event FROM meter;
"""

STATE = [
            migrations.CreateModel(
                name='IntervalDay',
                fields=[
                    ('id', models.BigAutoField(primary_key=True, serialize=False)),
                    ('date', models.DateField()),
                    ('direction', models.SmallIntegerField(choices=[(0, 'import'), (1, 'export')])),
                    ('revision', models.SmallIntegerField()),
                    ('became_current', models.BooleanField()),
                    ('source', models.SmallIntegerField(choices=[(1, 'SMT CSV'), (2, 'LSE'), (3, 'interval CSV'), (9, 'VEE')])),
                    ('source_time', models.DateTimeField()),
                    ('received_at', models.DateTimeField()),
                    ('line', models.BigIntegerField()),
                    ('missing_intervals', models.SmallIntegerField()),
                    ('estimated_intervals', models.SmallIntegerField()),
                    ('total_wh', models.BigIntegerField()),
                    ('peak_wh', models.IntegerField()),
                    ('register_wh', models.BigIntegerField(db_default=-1)),
                    ('vee_ruleset_id', models.IntegerField()),
                    ('vee_failed', models.IntegerField()),
                    ('digest', models.UUIDField()),
                    ('wh', models.BinaryField()),
                    ('quality', models.BinaryField()),
                    ('intake', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='interval_days', to='meter.intake')),
                    ('meter_point', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='interval_days', to='meter.meterpoint')),
                ],
                options={
                    'db_table': 'interval_day',
                    'ordering': ['-date'],
                },
            ),
]


class Migration(migrations.Migration):
    dependencies = [("meter", "0002_points_intakes_registers_vee")]

    operations = [
        migrations.RunSQL(INTERVALS, "DROP FUNCTION intervals_in_day(date)"),
        migrations.RunSQL(
            TABLE, "DROP TABLE interval_day", state_operations=STATE
        ),
        migrations.RunSQL(PARTITIONS, "DROP FUNCTION ensure_interval_partition(date)"),
        migrations.RunSQL(
            READING, "DROP VIEW current_interval_day; DROP FUNCTION interval_values(bytea)"
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]

"""One index for addresses, and live service points counted by ZIP and TDSP."""

from django.db import migrations, models

# A statement's rows are counted by group; an update is looked at by row, since few change these.
TALLY = """
DROP TRIGGER service_point_tally_deleted ON service_point;
DROP TRIGGER service_point_tally_new ON service_point;
DROP FUNCTION tally_deleted_service_point();
DROP FUNCTION tally_new_service_points();
DROP FUNCTION tally_service_points(bigint);
DELETE FROM service_point_tally;

CREATE FUNCTION fold_service_point_tally() RETURNS void LANGUAGE sql AS $$
    WITH gone AS (
        DELETE FROM service_point_tally WHERE id IN (
            SELECT id FROM service_point_tally FOR UPDATE SKIP LOCKED)
        RETURNING zip_code, tdsp_code, delta)
    INSERT INTO service_point_tally (zip_code, tdsp_code, delta)
    SELECT zip_code, tdsp_code, sum(delta) FROM gone GROUP BY 1, 2 HAVING sum(delta) <> 0;
$$;
CREATE FUNCTION tally_new_service_points() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    first_id bigint;
    last_id bigint;
BEGIN
    WITH added AS (
        INSERT INTO service_point_tally (zip_code, tdsp_code, delta)
        SELECT left(zip_code, 5), tdsp_code, count(*) FROM new_points WHERE deleted_at IS NULL
        GROUP BY 1, 2
        RETURNING id)
    SELECT min(id), max(id) INTO first_id, last_id FROM added;
    IF last_id / 200 > (first_id - 1) / 200 THEN
        PERFORM fold_service_point_tally();
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION tally_changed_service_point() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_id bigint;
BEGIN
    IF OLD.deleted_at IS NULL THEN
        INSERT INTO service_point_tally (zip_code, tdsp_code, delta)
        VALUES (left(OLD.zip_code, 5), OLD.tdsp_code, -1) RETURNING id INTO last_id;
    END IF;
    IF NEW.deleted_at IS NULL THEN
        INSERT INTO service_point_tally (zip_code, tdsp_code, delta)
        VALUES (left(NEW.zip_code, 5), NEW.tdsp_code, 1) RETURNING id INTO last_id;
    END IF;
    IF last_id % 200 < 2 THEN
        PERFORM fold_service_point_tally();
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER service_point_tally_new AFTER INSERT ON service_point
    REFERENCING NEW TABLE AS new_points FOR EACH STATEMENT
    EXECUTE FUNCTION tally_new_service_points();
CREATE TRIGGER service_point_tally_changed AFTER UPDATE ON service_point
    FOR EACH ROW WHEN (
        (OLD.deleted_at IS NULL, OLD.zip_code, OLD.tdsp_code)
        IS DISTINCT FROM (NEW.deleted_at IS NULL, NEW.zip_code, NEW.tdsp_code))
    EXECUTE FUNCTION tally_changed_service_point();
INSERT INTO service_point_tally (zip_code, tdsp_code, delta)
SELECT left(zip_code, 5), tdsp_code, count(*) FROM service_point WHERE deleted_at IS NULL
GROUP BY 1, 2;
"""
TALLY_BACK = """
DROP TRIGGER service_point_tally_changed ON service_point;
DROP TRIGGER service_point_tally_new ON service_point;
DROP FUNCTION tally_changed_service_point();
DROP FUNCTION tally_new_service_points();
DROP FUNCTION fold_service_point_tally();

CREATE FUNCTION tally_service_points(difference bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    number bigint;
BEGIN
    INSERT INTO service_point_tally (delta) VALUES (difference) RETURNING id INTO number;
    IF number % 200 = 0 THEN
        WITH gone AS (
            DELETE FROM service_point_tally WHERE id IN (
                SELECT id FROM service_point_tally FOR UPDATE SKIP LOCKED)
            RETURNING delta)
        INSERT INTO service_point_tally (delta) SELECT sum(delta) FROM gone HAVING count(*) > 0;
    END IF;
END $$;
CREATE FUNCTION tally_new_service_points() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    added bigint := (SELECT count(*) FROM new_points WHERE deleted_at IS NULL);
BEGIN
    IF added > 0 THEN
        PERFORM tally_service_points(added);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION tally_deleted_service_point() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tally_service_points(CASE WHEN NEW.deleted_at IS NULL THEN 1 ELSE -1 END);
    RETURN NULL;
END $$;
CREATE TRIGGER service_point_tally_new AFTER INSERT ON service_point
    REFERENCING NEW TABLE AS new_points FOR EACH STATEMENT
    EXECUTE FUNCTION tally_new_service_points();
CREATE TRIGGER service_point_tally_deleted AFTER UPDATE ON service_point
    FOR EACH ROW WHEN ((OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL))
    EXECUTE FUNCTION tally_deleted_service_point();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('market', '0022_queues_by_index'),
    ]

    operations = [
        *(
            migrations.RemoveIndex(model_name='servicepoint', name=f'market_point_{name}')
            for name in ('zip_number', 'zip_tdsp', 'street_start', 'street_end')
        ),
        migrations.AddIndex(
            model_name='servicepoint',
            index=models.Index(
                fields=['house_number', 'zip_code', 'street_start', 'street_end'],
                name='market_point_address',
            ),
        ),
        migrations.AddField(
            model_name='servicepointtally',
            name='zip_code',
            field=models.CharField(default='', max_length=5, verbose_name='ZIP'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='servicepointtally',
            name='tdsp_code',
            field=models.CharField(default='', max_length=20, verbose_name='TDSP'),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name='servicepointtally',
            index=models.Index(fields=['zip_code', 'tdsp_code'], name='market_tally_zip'),
        ),
        migrations.RunSQL(TALLY, TALLY_BACK),
    ]

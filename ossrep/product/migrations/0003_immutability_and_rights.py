"""What the database itself refuses: changed versions, overlapping tariffs, odd price days."""

from django.db import migrations

IMMUTABLE_VERSION = """
CREATE FUNCTION plan_version_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a published plan version is never deleted'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'plan_version_immutable';
    END IF;
    IF OLD.retired_at IS NOT NULL OR NEW.retired_at IS NULL
       OR to_jsonb(NEW) - 'retired_at' - 'retired_reason'
          IS DISTINCT FROM to_jsonb(OLD) - 'retired_at' - 'retired_reason' THEN
        RAISE EXCEPTION 'a published plan version only retires, once'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'plan_version_immutable';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER plan_version_immutable BEFORE UPDATE OR DELETE ON plan_version
    FOR EACH ROW EXECUTE FUNCTION plan_version_is_immutable();
"""

# The embedded server has no btree_gist: a range of one id stands for the equality of ids.
NO_OVERLAP = """
ALTER TABLE tariff_row ADD CONSTRAINT tariff_row_no_overlap EXCLUDE USING gist (
    int8range(series_id, series_id, '[]') WITH &&,
    daterange(from_date, to_date, '[)') WITH &&
);
ALTER TABLE tariff_row ADD CONSTRAINT tariff_row_finite CHECK (rate_usd <> 'NaN'::numeric);
"""

PRICE_DAY_LENGTH = """
ALTER TABLE price_day ADD CONSTRAINT price_day_length
    CHECK (octet_length(prices) IN (4, 368, 384, 400));
ALTER TABLE price_day ADD CONSTRAINT price_day_missing
    CHECK (missing BETWEEN 0 AND octet_length(prices) / 4 - 1);
"""

# The runtime role: a version is written once and may retire; history and corrections only grow.
RIGHTS = """
REVOKE UPDATE, DELETE ON plan_version FROM product;
GRANT UPDATE (retired_at, retired_reason) ON plan_version TO product;
REVOKE UPDATE, DELETE ON shared_definition, price_correction FROM product;
REVOKE UPDATE, DELETE ON brand_event, plan_draft_event, plan_version_event, tariff_row_event
    FROM product;
REVOKE DELETE ON brand, plan, price_day, refused_price_row FROM product;
"""
RIGHTS_BACK = """
GRANT UPDATE, DELETE ON plan_version, shared_definition, price_correction, brand_event,
    plan_draft_event, plan_version_event, tariff_row_event TO product;
GRANT DELETE ON brand, plan, price_day, refused_price_row TO product;
"""


class Migration(migrations.Migration):
    dependencies = [("product", "0002_brands_plans_tariffs_prices")]

    operations = [
        migrations.RunSQL(
            IMMUTABLE_VERSION,
            "DROP TRIGGER plan_version_immutable ON plan_version; "
            "DROP FUNCTION plan_version_is_immutable();",
        ),
        migrations.RunSQL(
            NO_OVERLAP,
            "ALTER TABLE tariff_row DROP CONSTRAINT tariff_row_no_overlap, "
            "DROP CONSTRAINT tariff_row_finite;",
        ),
        migrations.RunSQL(
            PRICE_DAY_LENGTH,
            "ALTER TABLE price_day DROP CONSTRAINT price_day_length, "
            "DROP CONSTRAINT price_day_missing;",
        ),
        migrations.RunSQL(RIGHTS, RIGHTS_BACK),
    ]

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('market', '0020_standalone_charges'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='tradingpartner',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='tradingpartner',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='tradingpartner',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='tradingpartner',
            name='wants_customer_information',
            field=models.BooleanField(default=False, help_text='Co-operatives that ask for it, and TDSPs that customers call in an outage.', verbose_name="is sent customers' data (814_PC)"),
        ),
        migrations.AddField(
            model_name='tradingpartnerevent',
            name='wants_customer_information',
            field=models.BooleanField(default=False, help_text='Co-operatives that ask for it, and TDSPs that customers call in an outage.', verbose_name="is sent customers' data (814_PC)"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='tradingpartner',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "trading_partner_event" ("channel_id", "code", "component_separator", "confidence", "duns", "element_separator", "flat_format", "gs_id", "id", "is_active", "isa_id", "isa_qualifier", "line_end", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pgp_fingerprint", "pgp_public_key", "segment_terminator", "source", "test_only", "wants_customer_information", "wants_ta1") VALUES (NEW."channel_id", NEW."code", NEW."component_separator", NEW."confidence", NEW."duns", NEW."element_separator", NEW."flat_format", NEW."gs_id", NEW."id", NEW."is_active", NEW."isa_id", NEW."isa_qualifier", NEW."line_end", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."pgp_fingerprint", NEW."pgp_public_key", NEW."segment_terminator", NEW."source", NEW."test_only", NEW."wants_customer_information", NEW."wants_ta1"); RETURN NULL;', hash='0d8e2cfb4762630c4ee0396a240a1082105b30bf', ignore_func_name='_pgtrigger_should_ignore', operation='INSERT', pgid='pgtrigger_insert_insert_7e8d6', table='trading_partner', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='tradingpartner',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "trading_partner_event" ("channel_id", "code", "component_separator", "confidence", "duns", "element_separator", "flat_format", "gs_id", "id", "is_active", "isa_id", "isa_qualifier", "line_end", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pgp_fingerprint", "pgp_public_key", "segment_terminator", "source", "test_only", "wants_customer_information", "wants_ta1") VALUES (NEW."channel_id", NEW."code", NEW."component_separator", NEW."confidence", NEW."duns", NEW."element_separator", NEW."flat_format", NEW."gs_id", NEW."id", NEW."is_active", NEW."isa_id", NEW."isa_qualifier", NEW."line_end", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."pgp_fingerprint", NEW."pgp_public_key", NEW."segment_terminator", NEW."source", NEW."test_only", NEW."wants_customer_information", NEW."wants_ta1"); RETURN NULL;', hash='055c77404cce4d477f0cd7b59bb8cb3059598f0b', ignore_func_name='_pgtrigger_should_ignore', operation='UPDATE', pgid='pgtrigger_update_update_fd0f4', table='trading_partner', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='tradingpartner',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "trading_partner_event" ("channel_id", "code", "component_separator", "confidence", "duns", "element_separator", "flat_format", "gs_id", "id", "is_active", "isa_id", "isa_qualifier", "line_end", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pgp_fingerprint", "pgp_public_key", "segment_terminator", "source", "test_only", "wants_customer_information", "wants_ta1") VALUES (OLD."channel_id", OLD."code", OLD."component_separator", OLD."confidence", OLD."duns", OLD."element_separator", OLD."flat_format", OLD."gs_id", OLD."id", OLD."is_active", OLD."isa_id", OLD."isa_qualifier", OLD."line_end", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."pgp_fingerprint", OLD."pgp_public_key", OLD."segment_terminator", OLD."source", OLD."test_only", OLD."wants_customer_information", OLD."wants_ta1"); RETURN NULL;', hash='710c03d235493d3cedbed9ec93cd758280d911fd', ignore_func_name='_pgtrigger_should_ignore', operation='DELETE', pgid='pgtrigger_delete_delete_70ada', table='trading_partner', when='AFTER')),
        ),
        # A retailer keeps billing names and addresses at Nueces (RMG 8.1).
        migrations.RunSQL(
            """UPDATE trading_partner SET wants_customer_information = true
               WHERE code = 'NUECES_ELEC'""",
            migrations.RunSQL.noop,
        ),
    ]

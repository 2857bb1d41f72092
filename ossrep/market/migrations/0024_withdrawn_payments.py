"""Payments that are taken back before they are sent."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('market', '0023_fewer_address_indexes'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='tdsppayment',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='tdsppayment',
            name='update_update',
        ),
        migrations.RemoveConstraint(
            model_name='tdsppayment',
            name='market_payment_approved',
        ),
        migrations.AddField(
            model_name='tdsppayment',
            name='withdrawal_reason',
            field=models.CharField(blank=True, default='', max_length=500),
        ),
        migrations.AddField(
            model_name='tdsppayment',
            name='withdrawn_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='tdsppayment',
            name='withdrawn_by',
            field=models.CharField(blank=True, default='', max_length=150),
        ),
        migrations.AddField(
            model_name='tdsppaymentevent',
            name='withdrawal_reason',
            field=models.CharField(blank=True, default='', max_length=500),
        ),
        migrations.AddField(
            model_name='tdsppaymentevent',
            name='withdrawn_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='tdsppaymentevent',
            name='withdrawn_by',
            field=models.CharField(blank=True, default='', max_length=150),
        ),
        migrations.AlterField(
            model_name='tdsppayment',
            name='state',
            field=models.CharField(choices=[('prepared', 'waits for approval'), ('sent', 'advice sent'), ('withdrawn', 'withdrawn before it was sent')], default='prepared', max_length=10),
        ),
        migrations.AlterField(
            model_name='tdsppaymentevent',
            name='state',
            field=models.CharField(choices=[('prepared', 'waits for approval'), ('sent', 'advice sent'), ('withdrawn', 'withdrawn before it was sent')], default='prepared', max_length=10),
        ),
        migrations.RunSQL(
            """
            GRANT UPDATE (withdrawn_by, withdrawn_at, withdrawal_reason) ON tdsp_payment TO market
            """,
            """
            REVOKE UPDATE (withdrawn_by, withdrawn_at, withdrawal_reason) ON tdsp_payment
            FROM market
            """,
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='tdsppayment',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tdsp_payment_event" ("approved_at", "approved_by", "id", "method", "needs_approval", "outbound_message_id", "payment_date", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prepared_at", "prepared_by", "reference", "state", "tdsp_code", "total_usd", "withdrawal_reason", "withdrawn_at", "withdrawn_by") VALUES (NEW."approved_at", NEW."approved_by", NEW."id", NEW."method", NEW."needs_approval", NEW."outbound_message_id", NEW."payment_date", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."prepared_at", NEW."prepared_by", NEW."reference", NEW."state", NEW."tdsp_code", NEW."total_usd", NEW."withdrawal_reason", NEW."withdrawn_at", NEW."withdrawn_by"); RETURN NULL;', hash='13705e46e04298b57374c59f26871ee9e21e0bbc', ignore_func_name='_pgtrigger_should_ignore', operation='INSERT', pgid='pgtrigger_insert_insert_bd961', table='tdsp_payment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='tdsppayment',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "tdsp_payment_event" ("approved_at", "approved_by", "id", "method", "needs_approval", "outbound_message_id", "payment_date", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prepared_at", "prepared_by", "reference", "state", "tdsp_code", "total_usd", "withdrawal_reason", "withdrawn_at", "withdrawn_by") VALUES (NEW."approved_at", NEW."approved_by", NEW."id", NEW."method", NEW."needs_approval", NEW."outbound_message_id", NEW."payment_date", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."prepared_at", NEW."prepared_by", NEW."reference", NEW."state", NEW."tdsp_code", NEW."total_usd", NEW."withdrawal_reason", NEW."withdrawn_at", NEW."withdrawn_by"); RETURN NULL;', hash='fedc899a7bc3ecb372e73df62c8074f0f3980351', ignore_func_name='_pgtrigger_should_ignore', operation='UPDATE', pgid='pgtrigger_update_update_07f35', table='tdsp_payment', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='tdsppayment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outbound_message_id__isnull', True), ('state', 'prepared')), models.Q(('outbound_message_id__isnull', True), ('state', 'withdrawn'), models.Q(('withdrawn_by', ''), _negated=True), models.Q(('withdrawal_reason', ''), _negated=True)), models.Q(('outbound_message_id__isnull', False), ('state', 'sent'), models.Q(('needs_approval', False), models.Q(('approved_by', ''), _negated=True), _connector='OR')), _connector='OR'), name='market_payment_approved'),
        ),
    ]

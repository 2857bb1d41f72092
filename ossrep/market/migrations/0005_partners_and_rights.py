"""The partners of ERCOT's market, and what the runtime role may not do to what was exchanged."""

from django.db import migrations

# Numbers from public market files; an id that none of them shows is empty and must be asked for.
PARTNERS = [
    # code, name, DUNS, ISA id, GS id, confidence, source
    ("ERCOT", "Electric Reliability Council of Texas", "183529049", "183529049", "183529049",
     "sourced", "market files"),
    ("CENTERPOINT", "CenterPoint Energy", "957877905", "957877905", "957877905",
     "sourced", "market files"),
    ("ONCOR_ELEC", "Oncor Electric Delivery", "1039940674000", "103994067", "1039940674000",
     "sourced", "market files; the ISA id is from a test file"),
    ("AEP_CENTRAL", "AEP Texas Central", "007924772", "", "007924772",
     "sourced", "market files; no source for the ISA id"),
    ("AEP_NORTH", "AEP Texas North", "007923311", "", "007923311",
     "sourced", "market files; no source for the ISA id"),
    ("TNMP", "Texas-New Mexico Power", "007929441", "", "007929441",
     "sourced", "market files; no source for the ISA id"),
    ("NUECES_ELEC", "Nueces Electric Cooperative", "0088288574800", "", "0088288574800",
     "sourced", "market files; no source for the ISA id"),
    ("LUBBOCK", "Lubbock Power and Light", "0582138934100", "", "0582138934100",
     "inferred", "a list of numbers without names: verify"),
]

FACTS = (
    "inbound_file, inbound_chunk, inbound_arrival, inbound_interchange, inbound_group, "
    "inbound_set, inbound_outcome, outbound_message, outbound_interchange, outbound_group, "
    "placement, delivery, acknowledgment, channel_event, market_identity_event, "
    "trading_partner_event"
)
RIGHTS = f"""
CREATE SEQUENCE own_reference;
REVOKE UPDATE, DELETE, TRUNCATE ON {FACTS} FROM market;
GRANT UPDATE (state, attempts, next_attempt_at, sent_at) ON outbound_interchange TO market;
GRANT UPDATE (acknowledgment, acknowledged_at, escalated_at) ON outbound_group TO market;
REVOKE DELETE, TRUNCATE ON channel, market_identity, trading_partner, control_number,
    inbound_work, parked_set FROM market;

CREATE FUNCTION refuse_lower_control_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.last <= OLD.last THEN
        RAISE EXCEPTION 'control number % of % was given before', NEW.last, OLD.series
            USING ERRCODE = 'check_violation', CONSTRAINT = 'control_number_rises';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER control_number_rises BEFORE UPDATE ON control_number
    FOR EACH ROW EXECUTE FUNCTION refuse_lower_control_number();

CREATE FUNCTION refuse_change_of_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% keeps what was exchanged: rows never change', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER inbound_file_stays BEFORE UPDATE OR DELETE ON inbound_file
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_message();
CREATE TRIGGER inbound_chunk_stays BEFORE UPDATE OR DELETE ON inbound_chunk
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_message();
CREATE TRIGGER inbound_outcome_stays BEFORE UPDATE OR DELETE ON inbound_outcome
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_message();
CREATE TRIGGER outbound_message_stays BEFORE UPDATE OR DELETE ON outbound_message
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_message();
"""
RIGHTS_BACK = f"""
DROP SEQUENCE own_reference;
DROP TRIGGER outbound_message_stays ON outbound_message;
DROP TRIGGER inbound_outcome_stays ON inbound_outcome;
DROP TRIGGER inbound_chunk_stays ON inbound_chunk;
DROP TRIGGER inbound_file_stays ON inbound_file;
DROP FUNCTION refuse_change_of_message();
DROP TRIGGER control_number_rises ON control_number;
DROP FUNCTION refuse_lower_control_number();
GRANT UPDATE, DELETE ON {FACTS} TO market;
GRANT DELETE ON channel, market_identity, trading_partner, control_number, inbound_work,
    parked_set TO market;
"""


def load(apps, schema_editor):
    apps.get_model("market", "Channel").objects.create(code="hand", transport="hand")
    partners = apps.get_model("market", "TradingPartner").objects
    for code, name, duns, isa_id, gs_id, confidence, source in PARTNERS:
        partners.create(
            code=code,
            name=name,
            duns=duns,
            isa_id=isa_id,
            gs_id=gs_id,
            confidence=confidence,
            source=source,
        )


class Migration(migrations.Migration):
    dependencies = [("market", "0004_mailroom")]

    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunSQL(RIGHTS, RIGHTS_BACK),
    ]

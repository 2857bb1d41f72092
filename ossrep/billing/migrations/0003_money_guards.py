"""What the database itself holds about money, whatever the code does."""

from django.db import migrations

IMMUTABLE = (
    "invoice",
    "invoice_line",
    "invoice_tax",
    "line_template",
    "tax_template",
    "printed_part",
    "transfer",
    "reversal",
)

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = billing, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'rows of % never change: correct by a new row', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;
"""

# A charge changes once at most: from live to reversed, and only by a reversal of its own invoice.
CHARGES = """
ALTER TABLE charge ADD CONSTRAINT charge_never_twice EXCLUDE USING gist (
  int8range(contract_id, contract_id, '[]') WITH &&,
  int4range(kind, kind, '[]') WITH &&,
  daterange(period_start, period_end) WITH &&
) WHERE (reversal_id IS NULL);

CREATE FUNCTION refuse_charge_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = billing, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.reversal_id IS NULL
     AND to_jsonb(NEW) - 'reversal_id' = to_jsonb(OLD) - 'reversal_id'
     AND EXISTS (SELECT 1 FROM reversal r
                 WHERE r.id = NEW.reversal_id AND r.invoice_id = NEW.invoice_id) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a charge never changes but by the reversal of its invoice'
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER charge_immutable BEFORE UPDATE OR DELETE ON charge
  FOR EACH ROW EXECUTE FUNCTION refuse_charge_change();
REVOKE UPDATE, DELETE ON charge FROM billing;

CREATE FUNCTION reverse_charges(p_invoice_ids bigint[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = billing, pg_temp AS $$
  WITH changed AS (
    UPDATE charge c SET reversal_id = r.id FROM reversal r
    WHERE r.invoice_id = ANY(p_invoice_ids) AND c.invoice_id = r.invoice_id
      AND c.reversal_id IS NULL
    RETURNING 1)
  SELECT count(*) FROM changed
$$;
REVOKE ALL ON FUNCTION reverse_charges FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reverse_charges TO billing;
"""

# Lines and taxes are written before their invoice; the invoice then closes them.
INVOICES = """
CREATE FUNCTION invoice_is_whole() RETURNS trigger
LANGUAGE plpgsql SET search_path = billing, pg_temp AS $$
DECLARE wrong text;
BEGIN
  SELECT i.number INTO wrong
  FROM issued i
  LEFT JOIN LATERAL (
    SELECT count(*) AS lines, coalesce(sum(l.amount_usd), 0) AS amount
    FROM invoice_line l WHERE l.invoice_id = i.id) l ON true
  LEFT JOIN LATERAL (
    SELECT coalesce(sum(t.amount_usd), 0) AS amount,
           coalesce(sum(t.retailer_usd + t.delivery_usd), 0) AS split
    FROM invoice_tax t WHERE t.invoice_id = i.id) t ON true
  WHERE l.lines <> i.line_count OR l.amount <> i.retailer_usd + i.delivery_usd
     OR t.amount <> i.tax_usd OR t.split <> i.tax_usd
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'invoice % is not the sum of its lines and taxes', wrong
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER invoice_whole AFTER INSERT ON invoice
  REFERENCING NEW TABLE AS issued FOR EACH STATEMENT EXECUTE FUNCTION invoice_is_whole();

CREATE FUNCTION invoice_is_open() RETURNS trigger
LANGUAGE plpgsql SET search_path = billing, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM added a JOIN invoice i ON i.id = a.invoice_id) THEN
    RAISE EXCEPTION 'nothing can be added to an issued invoice'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER invoice_line_open AFTER INSERT ON invoice_line
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION invoice_is_open();
CREATE TRIGGER invoice_tax_open AFTER INSERT ON invoice_tax
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION invoice_is_open();
"""

# Customers' balances are locked before the house's, which several writers keep in shards of
# their own; one order for all, so nobody waits in a circle.
LEDGER = """
CREATE FUNCTION keep_balances() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = billing, pg_temp AS $$
BEGIN
  INSERT INTO ledger_balance AS b (ledger_account_id, shard, debit_usd, credit_usd)
  SELECT a.id, CASE WHEN a.account_id IS NULL THEN pg_backend_pid() % 64 ELSE 0 END,
         m.debit, m.credit
  FROM (SELECT side.ledger_account_id, sum(side.debit) AS debit, sum(side.credit) AS credit
        FROM (SELECT debit_id AS ledger_account_id, amount_usd AS debit, 0 AS credit FROM added
              UNION ALL
              SELECT credit_id, 0, amount_usd FROM added) side
        GROUP BY side.ledger_account_id) m
  JOIN ledger_account a ON a.id = m.ledger_account_id
  ORDER BY a.account_id IS NULL, a.id
  ON CONFLICT (ledger_account_id, shard)
  DO UPDATE SET debit_usd = b.debit_usd + EXCLUDED.debit_usd,
                credit_usd = b.credit_usd + EXCLUDED.credit_usd;
  RETURN NULL;
END $$;
CREATE TRIGGER transfer_balances AFTER INSERT ON transfer
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION keep_balances();

CREATE FUNCTION transfer_is_sound() RETURNS trigger
LANGUAGE plpgsql SET search_path = billing, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM added t
             LEFT JOIN ledger_account d ON d.id = t.debit_id
             LEFT JOIN ledger_account c ON c.id = t.credit_id
             WHERE d.id IS NULL OR c.id IS NULL
                OR (d.account_id IS NOT NULL AND d.account_id IS DISTINCT FROM t.account_id)
                OR (c.account_id IS NOT NULL AND c.account_id IS DISTINCT FROM t.account_id)) THEN
    RAISE EXCEPTION 'a transfer needs two ledger accounts, of its own customer or of the house'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM added t JOIN transfer o ON o.id = t.reverses_id
             WHERE (t.amount_usd, t.debit_id, t.credit_id)
                   <> (o.amount_usd, o.credit_id, o.debit_id)) THEN
    RAISE EXCEPTION 'a reversal is the exact mirror of its transfer'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER transfer_sound AFTER INSERT ON transfer
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION transfer_is_sound();

CREATE FUNCTION open_balance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = billing, pg_temp AS $$
BEGIN
  INSERT INTO ledger_balance (ledger_account_id, shard, debit_usd, credit_usd)
  SELECT id, 0, 0, 0 FROM opened WHERE account_id IS NOT NULL ORDER BY id;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_account_balance AFTER INSERT ON ledger_account
  REFERENCING NEW TABLE AS opened FOR EACH STATEMENT EXECUTE FUNCTION open_balance();

-- The lock on a receivable's balance is the account's turn: one writer of money at a time.
CREATE FUNCTION lock_receivables(p_account_ids bigint[])
RETURNS TABLE (account_id bigint, ledger_account_id bigint, balance_usd numeric)
LANGUAGE sql SECURITY DEFINER SET search_path = billing, pg_temp AS $$
  SELECT a.account_id, a.id, b.debit_usd - b.credit_usd
  FROM ledger_account a JOIN ledger_balance b ON b.ledger_account_id = a.id AND b.shard = 0
  WHERE a.account_id = ANY(p_account_ids) AND a.kind = 'receivable'
  ORDER BY a.id FOR NO KEY UPDATE OF b
$$;
REVOKE ALL ON FUNCTION lock_receivables FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lock_receivables TO billing;

REVOKE INSERT, UPDATE, DELETE ON ledger_balance FROM billing;
REVOKE UPDATE, DELETE ON ledger_account FROM billing;
"""


def immutable(table):
    return (
        f"CREATE TRIGGER {table}_immutable BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change();\n"
        f"REVOKE UPDATE, DELETE ON {table} FROM billing;"
    )


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_bills_and_ledger")]

    operations = [
        migrations.RunSQL(sql)
        for sql in (REFUSE_CHANGE, *map(immutable, IMMUTABLE), CHARGES, INVOICES, LEDGER)
    ]

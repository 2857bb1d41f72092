"""The guards of transfers and lines look at each ledger account and invoice once, not each row.

They hold what they held before. Their plans are cached from the first call on, when tables may be
small, so they are told to look rows up by index: else a run would read whole tables per chunk.
"""

from django.db import migrations

BY_INDEX = "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"

ONE_PASS = f"""
CREATE FUNCTION refuse_transfer() RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a transfer needs two ledger accounts, of its own customer or of the house'
    USING ERRCODE = 'foreign_key_violation';
END $$;

CREATE OR REPLACE FUNCTION keep_balances() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = billing, pg_temp {BY_INDEX} AS $$
BEGIN
  INSERT INTO ledger_balance AS b (ledger_account_id, shard, debit_usd, credit_usd)
  SELECT m.id, CASE WHEN a.account_id IS NULL THEN pg_backend_pid() % 64 ELSE 0 END,
         m.debit, m.credit
  FROM (SELECT side.id, sum(side.debit) AS debit, sum(side.credit) AS credit,
               min(side.low) AS low, max(side.high) AS high, bool_or(side.is_nobodys) AS is_nobodys
        FROM (SELECT debit_id AS id, sum(amount_usd) AS debit, 0::numeric AS credit,
                     min(account_id) AS low, max(account_id) AS high,
                     bool_or(account_id IS NULL) AS is_nobodys
              FROM added GROUP BY debit_id
              UNION ALL
              SELECT credit_id, 0, sum(amount_usd), min(account_id), max(account_id),
                     bool_or(account_id IS NULL)
              FROM added GROUP BY credit_id) side
        GROUP BY side.id) m
  LEFT JOIN ledger_account a ON a.id = m.id
  WHERE CASE WHEN a.id IS NULL THEN refuse_transfer()
             WHEN a.account_id IS NULL THEN true
             WHEN m.is_nobodys OR m.low <> a.account_id OR m.high <> a.account_id
               THEN refuse_transfer()
             ELSE true END
  ORDER BY a.account_id IS NULL, a.id
  ON CONFLICT (ledger_account_id, shard)
  DO UPDATE SET debit_usd = b.debit_usd + EXCLUDED.debit_usd,
                credit_usd = b.credit_usd + EXCLUDED.credit_usd;
  IF EXISTS (SELECT 1 FROM added t JOIN transfer o ON o.id = t.reverses_id
             WHERE t.reverses_id IS NOT NULL
               AND (t.amount_usd, t.debit_id, t.credit_id)
                   <> (o.amount_usd, o.credit_id, o.debit_id)) THEN
    RAISE EXCEPTION 'a reversal is the exact mirror of its transfer'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER transfer_sound ON transfer;
DROP FUNCTION transfer_is_sound();

CREATE OR REPLACE FUNCTION invoice_is_open() RETURNS trigger
LANGUAGE plpgsql SET search_path = billing, pg_temp {BY_INDEX} AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM (SELECT DISTINCT invoice_id FROM added) a
             JOIN invoice i ON i.id = a.invoice_id) THEN
    RAISE EXCEPTION 'nothing can be added to an issued invoice'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;

ALTER FUNCTION invoice_is_whole() {BY_INDEX};
"""



class Migration(migrations.Migration):
    dependencies = [("billing", "0007_law_rates_and_payment_guards")]

    operations = [migrations.RunSQL(ONE_PASS)]

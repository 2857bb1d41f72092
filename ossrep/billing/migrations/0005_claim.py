"""The claim of a chunk: a row lock that others pass over, held to the end of the transaction."""

from django.db import migrations

CLAIM = """
CREATE FUNCTION claim_chunk(p_run_id bigint)
RETURNS TABLE (chunk_id bigint, chunk_no integer)
LANGUAGE sql SET search_path = billing, pg_temp AS $$
  SELECT c.id, c.chunk_no FROM bill_run_chunk c
  WHERE c.run_id = p_run_id AND NOT c.is_done
  ORDER BY c.chunk_no LIMIT 1
  FOR UPDATE SKIP LOCKED
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_guard_thresholds")]

    operations = [migrations.RunSQL(CLAIM, "DROP FUNCTION claim_chunk")]

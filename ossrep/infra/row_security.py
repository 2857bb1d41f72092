"""Row-level security for migrations: what ``<context>_external`` may read, row by row.

A migration of the context says it table by table::

    operations = [protect(context="billing", table="invoice", key_sql=OF_ACCOUNT)]
"""

from __future__ import annotations

from django.db.migrations import RunSQL

CUSTOMER_ID = "nullif(current_setting('ossrep.customer_id', true), '')::bigint"
ACCOUNT_IDS = "string_to_array(current_setting('ossrep.account_ids', true), ',')::bigint[]"
ESI_IDS = "string_to_array(current_setting('ossrep.esi_ids', true), ',')"

OF_ACCOUNT = f"account_id = ANY ({ACCOUNT_IDS})"
OF_ESI_ID = f"esi_id = ANY ({ESI_IDS})"


def served_on(*, esi_id: str = "esi_id", day: str) -> str:
    """SQL that is true where the customer was served at the ESI ID on the local day.

    ``esi_id`` and ``day`` are expressions over the row. Nobody reads the usage of who lived at the
    same place before or after.
    """
    return (
        f"{esi_id} = ANY ({ESI_IDS}) AND EXISTS (SELECT 1 FROM unnest("  # noqa: S608
        "string_to_array(current_setting('ossrep.served_esi_ids', true), ','), "
        "string_to_array(current_setting('ossrep.served_from', true), ',')::date[], "
        "string_to_array(current_setting('ossrep.served_to', true), ',')::date[]"
        ") AS served (esi, first_day, end_day) "
        f"WHERE served.esi = {esi_id} AND {day} >= served.first_day AND {day} < served.end_day)"
    )


def protect(*, context: str, table: str, key_sql: str, columns: tuple[str, ...] = ()) -> RunSQL:
    """Lets ``<context>_external`` read those rows of a table where ``key_sql`` is true.

    ``columns``: only these (empty: all). ``key_sql`` is an expression over the row and the
    settings above; where they are not set it must be false or null. Owner and runtime role keep
    all rows: their policies matter only where a server's administrator took BYPASSRLS away.
    """
    external, owner = f"{context}_external", f"{context}_owner"
    read = f"SELECT ({', '.join(columns)})" if columns else "SELECT"
    return RunSQL(
        sql=[
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY owner_all ON {table} TO {owner} USING (true) WITH CHECK (true)",
            f"CREATE POLICY runtime_all ON {table} TO {context} USING (true) WITH CHECK (true)",
            f"CREATE POLICY external_reads ON {table} FOR SELECT TO {external} USING ({key_sql})",
            f"GRANT {read} ON {table} TO {external}",
        ],
        reverse_sql=[
            f"REVOKE {read} ON {table} FROM {external}",
            f"DROP POLICY external_reads ON {table}",
            f"DROP POLICY runtime_all ON {table}",
            f"DROP POLICY owner_all ON {table}",
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        ],
    )

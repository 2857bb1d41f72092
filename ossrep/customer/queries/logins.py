"""Who a login is: one statement, asked with every call of a customer."""

from __future__ import annotations

from ossrep.customer import db
from ossrep.kernel.identifiers import AccountId, CustomerId, EsiId
from ossrep.published.customer import CustomerLogin, LoginRight, ServedPeriod

_FIND = """
    SELECT l.id, l.customer_id, l.rights, a.id, p.esi_id, k.start_date, k.end_date
    FROM login l
    LEFT JOIN account a ON a.customer_id = l.customer_id
        AND (l.has_all_accounts OR EXISTS (
            SELECT 1 FROM login_account h WHERE h.login_id = l.id AND h.account_id = a.id))
    LEFT JOIN contract k ON k.account_id = a.id AND k.status IN ('active', 'ended')
    LEFT JOIN premises p ON p.id = k.premises_id
    WHERE l.issuer = %s AND l.subject = %s AND l.closed_at IS NULL
    ORDER BY a.id, k.start_date, k.id
"""


def find_login(*, issuer: str, subject: str) -> CustomerLogin | None:
    """The login with the accounts that it reaches; None when there is none or it is closed."""
    rows = db.prepared_rows(_FIND, [issuer, subject])
    if not rows:
        return None
    login_id, customer_id, rights = rows[0][:3]
    served = tuple(
        ServedPeriod(
            account_id=AccountId(row[3]),
            esi_id=EsiId(row[4]),
            start_date=row[5],
            end_date=row[6],
        )
        for row in rows
        if row[4] is not None
    )
    account_ids = dict.fromkeys(row[3] for row in rows if row[3] is not None)
    return CustomerLogin(
        login_id=login_id,
        customer_id=CustomerId(customer_id),
        account_ids=tuple(AccountId(account_id) for account_id in account_ids),
        esi_ids=tuple(dict.fromkeys(period.esi_id for period in served)),
        rights=frozenset(LoginRight(right) for right in rights),
        served=served,
    )

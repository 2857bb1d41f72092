"""Books openings: balances as transfers, banks, billed-through dates, peaks and usage as rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ossrep.billing.db import connection, transaction
from ossrep.billing.domain.opening_lines import OpenedPeriod, OpenedSite, Opening
from ossrep.billing.models import (
    Invoice,
    LedgerAccountKind,
    OpeningAccount,
    OpeningSite,
    OpeningUsage,
    SourceKind,
    Transfer,
    TransferKind,
)
from ossrep.billing.usecases.customer_money import find_accounts, house_account_id, take_turns
from ossrep.published.customer import BillingAccount

Refusal = tuple[str, str]
"""A stable code, and a message that says what to do."""


@dataclass(slots=True)
class PostedOpenings:
    """What became of openings, by position: posted now, known from before, refused why."""

    posted: list[int] = field(default_factory=list)
    known: list[int] = field(default_factory=list)
    refused: dict[int, Refusal] = field(default_factory=dict)


def post_openings(*, openings: Sequence[Opening]) -> PostedOpenings:
    """Posts a batch in one transaction. The same opening again does nothing, another is refused.

    An account that is billed here already takes none: its bills would not have known it.
    """
    result = PostedOpenings()
    accounts = find_accounts(
        numbers={opening.account_number for opening in openings},
        as_of=max(opening.as_of for opening in openings),
    )
    with transaction():
        with connection().cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('billing.openings'))")
        seen = _stored(accounts)
        billed = _billed(accounts)
        fresh: list[tuple[Opening, BillingAccount]] = []
        for position, opening in enumerate(openings):
            account = accounts.get(opening.account_number)
            refusal = _why_not(opening, account, seen, billed)
            if refusal is not None:
                result.refused[position] = refusal
            elif opening.account_number in seen:
                result.known.append(position)
            else:
                assert account is not None
                seen[opening.account_number] = opening
                fresh.append((opening, account))
                result.posted.append(position)
        if fresh:
            _book(fresh)
    return result


def _why_not(
    opening: Opening,
    account: BillingAccount | None,
    seen: Mapping[str, Opening],
    billed: Mapping[str, str],
) -> Refusal | None:
    if account is None:
        return "unknown_account", f"no account {opening.account_number} is known"
    known = {str(contract.esi_id) for contract in account.contracts}
    strange = [site.esi_id for site in opening.sites if site.esi_id not in known]
    if strange:
        return "unknown_esi_id", f"the account has no contract at {strange[0]}"
    before = seen.get(opening.account_number)
    if before is not None and before != opening:
        return "opening_differs", "the account was opened with other content: it is opened once"
    if before is None and opening.account_number in billed:
        return "already_billed", f"the account has invoice {billed[opening.account_number]} here"
    return None


def _billed(accounts: Mapping[str, BillingAccount]) -> dict[str, str]:
    ids = [account.account_id for account in accounts.values()]
    invoices = Invoice.objects.filter(account_id__in=ids).values_list("account_number", "number")
    return dict(invoices)


def _stored(accounts: Mapping[str, BillingAccount]) -> dict[str, Opening]:
    """Openings from before, as they were read then."""
    ids = [account.account_id for account in accounts.values()]
    usage: dict[tuple[int, str], list[OpenedPeriod]] = defaultdict(list)
    for row in OpeningUsage.objects.filter(account_id__in=ids).order_by("period_start"):
        usage[row.account_id, row.esi_id].append(
            OpenedPeriod(row.period_start, row.period_end, row.import_wh, row.peak_w)
        )
    sites: dict[int, list[OpenedSite]] = defaultdict(list)
    for site in OpeningSite.objects.filter(account_id__in=ids).order_by("esi_id"):
        periods = tuple(usage[site.account_id, site.esi_id])
        sites[site.account_id].append(
            OpenedSite(site.esi_id, site.billed_through, site.bank_usd, periods)
        )
    return {
        row.account_number: Opening(
            row.account_number, row.as_of, row.balance_usd, tuple(sites[row.account_id])
        )
        for row in OpeningAccount.objects.filter(account_id__in=ids)
    }


def _book(fresh: Sequence[tuple[Opening, BillingAccount]]) -> None:
    rows = OpeningAccount.objects.bulk_create(
        OpeningAccount(
            account_id=account.account_id,
            account_number=opening.account_number,
            as_of=opening.as_of,
            balance_usd=opening.balance_usd,
        )
        for opening, account in fresh
    )
    OpeningSite.objects.bulk_create(
        OpeningSite(
            opening=row,
            account_id=row.account_id,
            esi_id=site.esi_id,
            billed_through=site.billed_through,
            bank_usd=site.bank_usd,
        )
        for row, (opening, _) in zip(rows, fresh, strict=True)
        for site in opening.sites
    )
    OpeningUsage.objects.bulk_create(
        OpeningUsage(
            account_id=account.account_id,
            esi_id=site.esi_id,
            period_start=period.start,
            period_end=period.end,
            import_wh=period.import_wh,
            peak_w=period.peak_w,
        )
        for opening, account in fresh
        for site in opening.sites
        for period in site.usage
    )
    _post_balances(rows, fresh)


def _post_balances(
    rows: Sequence[OpeningAccount], fresh: Sequence[tuple[Opening, BillingAccount]]
) -> None:
    """What is owed debits the receivable; a credit goes the other way; nothing for 0.00."""
    turns = take_turns(account_ids={account.account_id for _, account in fresh})
    house = house_account_id(LedgerAccountKind.OPENING)
    transfers = []
    for row, (opening, account) in zip(rows, fresh, strict=True):
        if opening.balance_usd:
            receivable = turns[account.account_id]
            owes = opening.balance_usd > 0
            transfers.append(
                Transfer(
                    account_id=account.account_id,
                    debit_id=receivable if owes else house,
                    credit_id=house if owes else receivable,
                    amount_usd=abs(opening.balance_usd),
                    kind=TransferKind.OPENING,
                    source_kind=SourceKind.OPENING,
                    source_id=row.pk,
                    source_leg=1,
                    brand_id=account.brand_id,
                    effective_date=opening.as_of,
                )
            )
    Transfer.objects.bulk_create(transfers)

"""What the pages of this context share: accounts by number and name, dollars, decisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ossrep.billing.queries.account_labels import AccountLabel, get_account_labels
from ossrep.infra.admin_links import link_to
from ossrep.infra.record_admin import CappedPaginator, ReadOnlyAdmin, RecordAdmin
from ossrep.kernel.errors import DomainError
from ossrep.kernel.identifiers import AccountId

_PRICE = Decimal("0.01")


def usd(amount: Decimal | None) -> str:
    """Dollars as people write them; a dash where there are none."""
    if amount is None:
        return "-"
    sign = "-" if amount < 0 else ""
    return f"{sign}${abs(amount).quantize(_PRICE):,}"


def kwh(wh: int) -> str:
    """Wh as kWh; whole ones where they are whole."""
    return f"{wh / 1000:,.3f}".rstrip("0").rstrip(".")


def days_text(start: dt.date, end: dt.date) -> str:
    """The local dates ``[start, end)`` as people name them, the last one included."""
    last = end - dt.timedelta(days=1)
    year = "" if start.year == last.year else f", {start.year}"
    return f"{start:%b} {start.day}{year} – {last:%b} {last.day}, {last.year}"


def account_link(number: str, name: str = "") -> SafeString:
    """An account's number as a link to the customer's page, with its name."""
    return format_html("{} {}", link_to("customer_account", number, number), name)


class AccountsList(ChangeList):
    """Learns the accounts of a whole page at once, so that a row costs no query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        ids = {row.account_id for row in self.result_list if row.account_id is not None}
        labels = get_account_labels(account_ids=ids)
        for row in self.result_list:
            row.account_label = labels.get(row.account_id)


class BillingAdmin(ReadOnlyAdmin):
    """Records of this context: read here, found by an account's number, changed by use cases."""

    show_full_result_count = False
    paginator = CappedPaginator
    list_per_page = 50

    def may(self, request: HttpRequest, permission: str) -> bool:
        """Whether the user has a permission of this context."""
        return bool(request.user.has_perm(f"billing.{permission}"))


class ByAccountAdmin(BillingAdmin):
    """Records with an ``account_id`` and no account number of their own."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AccountsList

    def account(self, row: Any) -> SafeString | str:
        """The account's number and name."""
        label = label_of(row)
        return account_link(label.number, label.name) if label else "-"

    account.short_description = "account"  # type: ignore[attr-defined]


def label_of(row: Any) -> AccountLabel | None:
    """The account of a row: learned with its page, or asked for."""
    if row.account_id is None:
        return None
    if not hasattr(row, "account_label"):
        row.account_label = get_account_labels(account_ids=[row.account_id]).get(row.account_id)
    label: AccountLabel | None = row.account_label
    return label or AccountLabel(AccountId(row.account_id), f"account {row.account_id}", "")


def tell(page: RecordAdmin, request: HttpRequest, act: Callable[[], str], where: str = "") -> bool:
    """Calls a use case and tells its outcome; False where it refused."""
    try:
        told = act()
    except DomainError as refusal:
        text = f"{where}: {refusal}" if where else str(refusal)
        page.message_user(request, text, messages.ERROR)
        return False
    page.message_user(request, told, messages.SUCCESS)
    return True


def plain_number(term: str) -> str:
    """A number without the spaces and dashes people write into it; empty for anything else."""
    text = term.replace(" ", "").replace("-", "")
    return text if text.isdigit() else ""

"""Which account has which premises on which plan version, and when."""

from __future__ import annotations

import datetime as dt

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ossrep.customer.domain import contract_life
from ossrep.customer.models.account import Account
from ossrep.customer.models.fields import (
    date_range,
    id_range,
    number_check,
    number_field,
    one_of,
    rising,
    text,
)
from ossrep.customer.models.premises import Premises
from ossrep.customer.models.tracking import tracked


def _once(name: str, statuses: tuple[str, ...]) -> ExclusionConstraint:
    # Checked at the end of each statement, so that one statement may move two ends.
    return ExclusionConstraint(
        name=name,
        expressions=[
            (id_range("premises"), "&&"),
            (date_range("start_date", "end_date"), "&&"),
        ],
        condition=Q(status__in=statuses),
        deferrable=models.Deferrable.IMMEDIATE,
    )


@tracked("contract_event")
class Contract(models.Model):
    """Service over local dates ``[start_date, end_date)`` at the price of one plan version.

    A pending contract may lie over a serving one: in this market a move-in itself ends the
    tenant's service before. It cannot become active while the other one runs.
    """

    number = number_field()
    account = models.ForeignKey(Account, models.PROTECT, related_name="contracts")
    premises = models.ForeignKey(Premises, models.PROTECT, related_name="contracts")
    plan_version_id = models.BigIntegerField()
    status = models.CharField(
        max_length=10,
        choices=[(s, s) for s in contract_life.STATUSES],
        default=contract_life.PENDING,
    )
    start_date = models.DateField()
    end_date = models.DateField(null=True, blank=True)
    term_end_date = models.DateField(null=True, blank=True)
    signed_date = models.DateField(null=True, blank=True)
    end_reason = text(12)

    class Meta:
        db_table = "contract"
        constraints = [
            number_check("cust_contract_number"),
            one_of("status", contract_life.STATUSES, "cust_contract_status"),
            one_of("end_reason", ("", *contract_life.END_REASONS), "cust_contract_reason"),
            rising("start_date", "end_date", "cust_contract_rising"),
            rising("start_date", "term_end_date", "cust_contract_term"),
            models.CheckConstraint(
                condition=(Q(status=contract_life.ENDED) & Q(end_date__isnull=False))
                | (~Q(status=contract_life.ENDED) & Q(end_date__isnull=True, end_reason="")),
                name="cust_contract_end_known",
            ),
            _once("cust_contract_served_once", contract_life.SERVING),
            _once("cust_contract_pending_once", (contract_life.PENDING,)),
        ]
        triggers = [
            pgtrigger.FSM(
                name="life",
                field="status",
                transitions=list(contract_life.TRANSITIONS),
            ),
            pgtrigger.ReadOnly(name="keeps_parties", fields=["number", "account", "premises"]),
        ]

    def __str__(self) -> str:
        return self.number

    def activate(self, *, start_date: dt.date, term_end_date: dt.date | None) -> None:
        """Service begins; the caller saves."""
        self._become(contract_life.ACTIVE)
        self.start_date = start_date
        self.term_end_date = term_end_date

    def end(self, *, end_date: dt.date, reason: str) -> None:
        """The end of service is known; the caller saves."""
        self._become(contract_life.ENDED)
        self.end_date = end_date
        self.end_reason = reason

    def cancel(self) -> None:
        """A contract that never served is given up; the caller saves."""
        self._become(contract_life.CANCELLED)

    def _become(self, status: str) -> None:
        contract_life.check_transition(before=self.status, after=status, where=self.number)
        self.status = status


class ContractStatusChange(models.Model):
    """One step in a contract's life, never changed: what it became, from which date, why."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="status_changes")
    status = models.CharField(max_length=10)
    effective_date = models.DateField()
    reason = text(200)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "contract_status_change"
        constraints = [one_of("status", contract_life.STATUSES, "cust_status_change_status")]

    def __str__(self) -> str:
        return f"{self.status} from {self.effective_date}"

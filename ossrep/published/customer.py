"""What context ``customer`` publishes: who buys, where, on which plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal, Protocol

from ossrep.kernel.identifiers import (
    AccountId,
    BrandId,
    ContractId,
    CustomerId,
    EsiId,
    PlanVersionId,
    PremisesId,
    TdspCode,
)

CustomerClass = Literal["residential", "small_commercial", "large_commercial"]
TaxExemption = Literal["none", "sales_tax", "public_school_district"]
Delivery = Literal["paper", "email"]


@dataclass(frozen=True, slots=True)
class Address:
    """A postal or service address as printed: two street lines, city, state, ZIP."""

    line1: str
    line2: str
    city: str
    state: str
    zip_code: str


@dataclass(frozen=True, slots=True)
class BillingContract:
    """One contract of an account, with what a bill needs of its premises.

    Service runs over local dates ``[start_date, end_date)``; an open contract has no end.
    ``tax_place`` is the code of the place (city, or county outside one) whose taxes apply.
    ``exemption`` is that of the certificate in force on ``period_end - 1 day`` of the request.
    """

    contract_id: ContractId
    account_id: AccountId
    premises_id: PremisesId
    esi_id: EsiId
    meter_number: str
    tdsp_code: TdspCode
    rate_class: str
    read_cycle: str
    plan_version_id: PlanVersionId
    start_date: dt.date
    end_date: dt.date | None
    term_end_date: dt.date | None
    service_address: Address
    tax_place: str
    exemption: TaxExemption


@dataclass(frozen=True, slots=True)
class BillingAccount:
    """An account as billing needs it; contracts in printed order (premises number)."""

    account_id: AccountId
    account_number: str
    customer_id: CustomerId
    customer_name: str
    customer_class: CustomerClass
    brand_id: BrandId
    bill_to_name: str
    mailing_address: Address
    email: str
    delivery: Delivery
    language: str
    contracts: tuple[BillingContract, ...]


@dataclass(frozen=True, slots=True)
class ContractRef:
    """The little that planning a run needs of a contract."""

    contract_id: ContractId
    account_id: AccountId
    esi_id: EsiId
    tdsp_code: TdspCode
    read_cycle: str
    start_date: dt.date
    end_date: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingContact:
    """Whom the bill of one ESI ID goes to, and how to reach them.

    A person has first and last name, a business ``company_name`` (``contact_name``: whom to ask for
    there); ``care_of`` is set where bills go to another name. ``phone`` is as it was entered.
    """

    esi_id: EsiId
    account_number: str
    brand_id: BrandId
    first_name: str
    last_name: str
    company_name: str
    contact_name: str
    care_of: str
    address: Address
    phone: str
    email: str


class LoginRight(StrEnum):
    """What a login may do with what it reaches; see it, pay, sign and end contracts, manage."""

    VIEW = "view"
    PAY = "pay"
    CONTRACTS = "contracts"
    MANAGE = "manage"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPeriod:
    """An account was served at an ESI ID over local dates ``[start_date, end_date)``."""

    account_id: AccountId
    esi_id: EsiId
    start_date: dt.date
    end_date: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLogin:
    """A login of an identity provider that belongs to a customer.

    ``account_ids`` are those that it reaches: all of the customer, or the ones it is held to.
    ``served`` are their contracts that serve or have served, ``esi_ids`` the ESI IDs of these.
    """

    login_id: int
    customer_id: CustomerId
    account_ids: tuple[AccountId, ...]
    esi_ids: tuple[EsiId, ...]
    rights: frozenset[LoginRight]
    served: tuple[ServedPeriod, ...] = ()


class CustomerService(Protocol):
    """The only door to context ``customer``."""

    context: ClassVar[str] = "customer"

    def list_contract_refs(
        self, *, read_cycle: str | None, started_before: dt.date, after: AccountId, limit: int
    ) -> Sequence[ContractRef]:
        """Contracts that served before a date, by account id: whole accounts, at most ``limit``.

        Only accounts with an id above ``after`` (0 to begin); ended contracts are included,
        cancelled and pending ones are not. ``read_cycle`` None: all cycles.
        """
        ...

    def get_billing_accounts(
        self, *, account_ids: Sequence[AccountId], period_end: dt.date
    ) -> Sequence[BillingAccount]:
        """Accounts by id, in the order asked; unknown ids are left out. One set of queries."""
        ...

    def find_account_ids(self, *, account_numbers: Collection[str]) -> Mapping[str, AccountId]:
        """Account number to id; unknown numbers are left out."""
        ...

    def find_known_esi_ids(self, *, esi_ids: Collection[str]) -> frozenset[EsiId]:
        """Those of the given ESI IDs that some premises has."""
        ...

    def find_account_numbers(
        self, *, esi_ids: Collection[str], served_on: dt.date
    ) -> Mapping[EsiId, str]:
        """ESI ID to the number of the account served on a date, else of the last one before it.

        ESI IDs that nobody was served at by then are left out.
        """
        ...

    def list_esi_ids(
        self, *, read_cycle: str | None, served_on: dt.date
    ) -> Sequence[tuple[EsiId, TdspCode]]:
        """ESI IDs with a contract that serves on a date, sorted."""
        ...

    def list_billing_contacts(
        self, *, served_on: dt.date, after: str, limit: int
    ) -> Sequence[BillingContact]:
        """Contacts of ESI IDs served on a date, sorted by ESI ID: the ``limit`` after ``after``.

        ``after`` is empty to begin; fewer than ``limit`` means there are no more.
        """
        ...

    def find_billing_contacts(
        self, *, esi_ids: Collection[str], served_on: dt.date
    ) -> Mapping[EsiId, BillingContact]:
        """ESI ID to its contact; those that are not served on the date are left out."""
        ...

    def find_login(self, *, issuer: str, subject: str) -> CustomerLogin | None:
        """The customer's login of an issuer's subject; None when there is none or it is closed."""
        ...

    def close_identity(self, *, issuer: str, subject: str) -> None:
        """The subject has closed its account at the issuer: its login ends, if it has one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOpened:
    """An account exists."""

    event_type: ClassVar[str] = "customer.account-opened.v1"
    aggregate_type: ClassVar[str] = "account"

    account_id: int
    account_number: str
    customer_id: int
    brand_id: int

    @property
    def aggregate_id(self) -> str:
        return str(self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDetailsChanged:
    """Names, contacts, addresses or preferences of an account or its customer changed."""

    event_type: ClassVar[str] = "customer.details-changed.v1"
    aggregate_type: ClassVar[str] = "account"

    account_id: int
    account_number: str
    changed: tuple[str, ...]
    effective_date: dt.date

    @property
    def aggregate_id(self) -> str:
        return str(self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractActivated:
    """Service under a contract begins."""

    event_type: ClassVar[str] = "customer.contract-activated.v1"
    aggregate_type: ClassVar[str] = "account"

    account_id: int
    account_number: str
    contract_id: int
    esi_id: str
    tdsp_code: str
    plan_version_id: int
    start_date: dt.date
    term_end_date: dt.date | None

    @property
    def aggregate_id(self) -> str:
        return str(self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractEnded:
    """Service under a contract ends; ``end_date`` is the first day without service."""

    event_type: ClassVar[str] = "customer.contract-ended.v1"
    aggregate_type: ClassVar[str] = "account"

    account_id: int
    account_number: str
    contract_id: int
    esi_id: str
    end_date: dt.date
    reason: str

    @property
    def aggregate_id(self) -> str:
        return str(self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCreated:
    """A customer exists; accounts of it may follow."""

    event_type: ClassVar[str] = "customer.customer-created.v1"
    aggregate_type: ClassVar[str] = "customer"

    customer_id: int
    customer_number: str
    customer_type: str

    @property
    def aggregate_id(self) -> str:
        return str(self.customer_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PremisesRegistered:
    """A place of delivery is known here."""

    event_type: ClassVar[str] = "customer.premises-registered.v1"
    aggregate_type: ClassVar[str] = "premises"

    premises_id: int
    premises_number: str
    esi_id: str
    tdsp_code: str
    read_cycle: str

    @property
    def aggregate_id(self) -> str:
        return str(self.premises_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PremisesChanged:
    """Fields of a premises, or its meters, changed; ``esi_id`` is the present one."""

    event_type: ClassVar[str] = "customer.premises-changed.v1"
    aggregate_type: ClassVar[str] = "premises"

    premises_id: int
    premises_number: str
    esi_id: str
    changed: tuple[str, ...]
    effective_date: dt.date

    @property
    def aggregate_id(self) -> str:
        return str(self.premises_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSigned:
    """A contract is agreed; service under it is still to begin, on the date wanted."""

    event_type: ClassVar[str] = "customer.contract-signed.v1"
    aggregate_type: ClassVar[str] = "account"

    account_id: int
    account_number: str
    contract_id: int
    esi_id: str
    tdsp_code: str
    plan_version_id: int
    start_date: dt.date

    @property
    def aggregate_id(self) -> str:
        return str(self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractChanged:
    """Dates or plan of a contract were corrected; its status stayed."""

    event_type: ClassVar[str] = "customer.contract-changed.v1"
    aggregate_type: ClassVar[str] = "account"

    account_id: int
    account_number: str
    contract_id: int
    esi_id: str
    changed: tuple[str, ...]
    plan_version_id: int
    start_date: dt.date
    end_date: dt.date | None
    term_end_date: dt.date | None

    @property
    def aggregate_id(self) -> str:
        return str(self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractCancelled:
    """A contract that never served was given up."""

    event_type: ClassVar[str] = "customer.contract-cancelled.v1"
    aggregate_type: ClassVar[str] = "account"

    account_id: int
    account_number: str
    contract_id: int
    esi_id: str
    reason: str

    @property
    def aggregate_id(self) -> str:
        return str(self.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentSubmitted:
    """A customer wants service at a service point; the market is to be asked for it.

    ``enrollment_id`` names the wish once and for all: the same id again is the same wish. ``kind``
    is ``switch`` or ``move_in``; a switch without ``wanted_date`` takes the first day possible.
    """

    event_type: ClassVar[str] = "customer.enrollment-submitted.v1"
    aggregate_type: ClassVar[str] = "enrollment"

    enrollment_id: str
    kind: str
    brand_id: int
    account_number: str
    esi_id: str
    tdsp_code: str
    zip_code: str
    wanted_date: dt.date | None
    is_priority: bool
    customer_name: str
    contact_name: str
    contact_phone: str
    service_address: Address
    has_special_needs: bool
    wants_usage_history: bool

    @property
    def aggregate_id(self) -> str:
        return self.enrollment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentCancelRequested:
    """The customer gives up an enrollment that is on its way."""

    event_type: ClassVar[str] = "customer.enrollment-cancel-requested.v1"
    aggregate_type: ClassVar[str] = "enrollment"

    enrollment_id: str
    esi_id: str
    reason: str

    @property
    def aggregate_id(self) -> str:
        return self.enrollment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentDateChangeRequested:
    """The customer wants another first day (moves only)."""

    event_type: ClassVar[str] = "customer.enrollment-date-change-requested.v1"
    aggregate_type: ClassVar[str] = "enrollment"

    enrollment_id: str
    esi_id: str
    wanted_date: dt.date

    @property
    def aggregate_id(self) -> str:
        return self.enrollment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOutRequested:
    """The customer leaves: service is to end on a day.

    ``move_out_id`` names the wish once and for all, as ``enrollment_id`` does.
    """

    event_type: ClassVar[str] = "customer.move-out-requested.v1"
    aggregate_type: ClassVar[str] = "move-out"

    move_out_id: str
    contract_id: int
    account_number: str
    brand_id: int
    esi_id: str
    tdsp_code: str
    wanted_date: dt.date
    contact_name: str
    contact_phone: str

    @property
    def aggregate_id(self) -> str:
        return self.move_out_id

"""Tables of context ``customer``."""

from ossrep.customer.models.account import Account
from ossrep.customer.models.book import ImportRun, QuarantinedRow
from ossrep.customer.models.certificate import ExemptionCertificate
from ossrep.customer.models.changes import ChangedRow
from ossrep.customer.models.consent import ContactConsent
from ossrep.customer.models.contract import Contract, ContractStatusChange
from ossrep.customer.models.customer import Contact, Customer
from ossrep.customer.models.enrollment import Enrollment, MoveOut
from ossrep.customer.models.login import Login, LoginAccount
from ossrep.customer.models.login_offer import ClaimFailure, LoginClaim, LoginInvitation
from ossrep.customer.models.messaging import InboxParked, InboxStream, OutboxEvent, OutboxStream
from ossrep.customer.models.online_enrollment import EnrollmentConsent, OnlineEnrollment
from ossrep.customer.models.premises import Meter, Premises

__all__ = [
    "Account",
    "ChangedRow",
    "ClaimFailure",
    "Contact",
    "ContactConsent",
    "Contract",
    "ContractStatusChange",
    "Customer",
    "Enrollment",
    "EnrollmentConsent",
    "ExemptionCertificate",
    "ImportRun",
    "InboxParked",
    "InboxStream",
    "Login",
    "LoginAccount",
    "LoginClaim",
    "LoginInvitation",
    "Meter",
    "MoveOut",
    "OnlineEnrollment",
    "OutboxEvent",
    "OutboxStream",
    "Premises",
    "QuarantinedRow",
]

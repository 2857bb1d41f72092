"""An account's life: opened with a verified address, its password and address changed, closed."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import Group, User
from django.db import IntegrityError

from ossrep.infra import database, services
from ossrep.infra.oidc.accounts.links import LinkRefused, send_link, spend_link
from ossrep.infra.oidc.grants import end_user
from ossrep.infra.oidc.issuer import issuer
from ossrep.infra.oidc.models import EmailLink, VerifiedEmail
from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.published.customer import CustomerService

CUSTOMER_GROUP = "customer"


class PasswordWrong(DomainError):
    """Not the password."""

    code = "password_wrong"


class EmailTaken(DomainError):
    """Somebody else has shown the address to be theirs."""

    code = "email_taken"


def find_user(email: str) -> User | None:
    """Who has shown the address to be theirs."""
    found = VerifiedEmail.objects.filter(email=email.strip().lower()).select_related("user").first()
    return found.user if found else None


def is_verified(user: User) -> bool:
    """True when the user's address was shown to be theirs."""
    return VerifiedEmail.objects.filter(user=user, email=user.email.lower()).exists()


def ask_to_sign_up(
    *, email: str, first_name: str, last_name: str, password: str, leads_to: str
) -> None:
    """Sends the address a link to open the account; who has one already is told so instead."""
    hashed = make_password(password)
    if find_user(email) is not None:
        # The row is written all the same: an address gets only so many messages.
        send_link(purpose="sign_up", email=email, template="sign_up_known")
        return
    send_link(
        purpose="sign_up",
        email=email,
        template="sign_up",
        first_name=first_name,
        last_name=last_name,
        password_hash=hashed,
        leads_to=leads_to,
    )


def open_account(*, token: str, password: str) -> tuple[User, str]:
    """The new user, and where they were going.

    Raises LinkRefused, or PasswordWrong: whoever asked for the account has to be the one who
    opens the link, so the password is asked for again.
    """

    def work(link: EmailLink) -> tuple[User, str]:
        if not link.password_hash:
            raise LinkRefused("this link is not valid any more")
        if not check_password(password, link.password_hash):
            raise PasswordWrong("the password is not the one that you chose")
        user = _create(link)
        return user, link.leads_to

    return spend_link(purpose="sign_up", token=token, work=work)


def create_verified(*, email: str, first_name: str, last_name: str, password: str) -> User:
    """An account by staff, who know that the address is its user's; again: another password."""
    address = email.strip().lower()
    user = find_user(address)
    if user is not None:
        set_password(user, password, by="password set by staff")
        return user
    with database.transaction("default"):
        user = User(username=address, email=address, first_name=first_name, last_name=last_name)
        user.set_password(password)
        user.save()
        user.groups.add(Group.objects.get(name=CUSTOMER_GROUP))
        _verify(user, address)
    return user


def _create(link: EmailLink) -> User:
    user = User(
        username=link.email,
        email=link.email,
        first_name=link.first_name,
        last_name=link.last_name,
        password=link.password_hash,
    )
    try:
        with database.transaction("default"):
            user.save()
            _verify(user, link.email)
    except IntegrityError as error:
        raise LinkRefused("this link is not valid any more") from error
    user.groups.add(Group.objects.get(name=CUSTOMER_GROUP))
    return user


def _verify(user: User, email: str) -> None:
    VerifiedEmail.objects.update_or_create(
        user=user, defaults={"email": email, "verified_at": clock.now()}
    )


def ask_for_new_password(*, email: str) -> None:
    """Sends the address a link to set a new password, or says that it has no account."""
    user = find_user(email)
    if user is None or not user.is_active or user.is_staff:
        send_link(purpose="reset", email=email, template="reset_unknown")
        return
    send_link(purpose="reset", email=email, template="reset", user=user)


def reset_password(*, token: str, password: str) -> User:
    """Sets it, and ends every sign-in and every link of the user. Raises LinkRefused."""

    def work(link: EmailLink) -> User:
        user = link.user
        if user is None or not user.is_active or find_user(link.email) != user:
            raise LinkRefused("this link is not valid any more")
        set_password(user, password, by="password reset")
        return user

    return spend_link(purpose="reset", token=token, work=work)


def set_password(user: User, password: str, *, by: str) -> None:
    """Another password: sessions, tokens and links under the old one end."""
    with database.transaction("default"):
        user.set_password(password)
        user.save(update_fields=["password"])
        EmailLink.objects.filter(user=user, used_at=None).update(used_at=clock.now())
        end_user(user, by=by)


def ask_to_change_email(*, user: User, email: str) -> None:
    """Sends the new address a link; until it is opened the old one counts."""
    taken = find_user(email)
    if taken is not None and taken != user:
        send_link(purpose="change", email=email, template="change_known")
        return
    send_link(purpose="change", email=email, template="change", user=user)


def change_email(*, token: str) -> User:
    """The address is the user's from now on. Raises LinkRefused or EmailTaken."""

    def work(link: EmailLink) -> User:
        user = link.user
        if user is None or not user.is_active:
            raise LinkRefused("this link is not valid any more")
        before = user.email.lower()
        if user.username == before and not user.is_staff:
            user.username = link.email
        user.email = link.email
        try:
            with database.transaction("default"):
                user.save(update_fields=["username", "email"])
                _verify(user, link.email)
        except IntegrityError as error:
            raise EmailTaken("this address belongs to another account") from error
        return user

    return spend_link(purpose="change", token=token, work=work)


def close_account(user: User) -> None:
    """Ends the customer's login and every sign-in, and forgets name and address."""
    services.resolve(CustomerService).close_identity(issuer=issuer(), subject=str(user.pk))
    with database.transaction("default"):
        VerifiedEmail.objects.filter(user=user).delete()
        EmailLink.objects.filter(user=user).delete()
        user.username = f"closed-{user.pk}"
        user.email = user.first_name = user.last_name = ""
        user.is_active = False
        user.set_unusable_password()
        # The receiver of the user's saving ends every grant.
        user.save()

"""``manage.py oidc_account end-access``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.infra.oidc.ending import end_access, end_subject, find_account
from ossrep.infra.oidc.issuer import issuer

HELP = "Ends everything that somebody is signed in to, everywhere within five seconds."


def add_arguments(parser: ArgumentParser) -> None:
    """Takes who it is, and where."""
    parser.add_argument("who", metavar="WHO", help="user name, e-mail address or subject")
    parser.add_argument(
        "--issuer", default="", metavar="URL", help="of another issuer, where WHO is the subject"
    )


def handle(options: Namespace, out: OssrepCommand) -> None:
    """The account stays, and can sign in again."""
    if options.issuer and options.issuer != issuer():
        end_subject(issuer_name=options.issuer, subject=options.who)
        out.stdout.write("tokens until now are refused; end the session at the issuer, too")
        return
    ended = end_access(find_account(options.who), by="ended by staff")
    out.stdout.write(f"{ended.sign_ins} sign-ins and {ended.browsers} browser sessions ended")

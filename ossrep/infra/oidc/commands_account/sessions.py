"""``manage.py oidc_account sessions``."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from ossrep.infra.commands import OssrepCommand
from ossrep.infra.oidc.ending import find_account, open_sign_ins

HELP = "Where somebody is signed in, since when and until when."


def add_arguments(parser: ArgumentParser) -> None:
    """Takes who it is."""
    parser.add_argument("who", metavar="WHO", help="user name, e-mail address or subject")
    parser.add_argument("--json", action="store_true")


def handle(options: Namespace, out: OssrepCommand) -> None:
    """A line a sign-in, the newest first."""
    rows = [
        (grant.client.client_id, grant.scope, grant.started_at, grant.expires_at)
        for grant in open_sign_ins(find_account(options.who))
    ]
    names = ["client", "scope", "signed in", "ends"]
    if options.json:
        for row in rows:
            out.stdout.write(json.dumps(dict(zip(names, map(str, row), strict=True))))
        return
    out.table(columns=names, rows=rows)

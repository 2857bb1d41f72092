"""Our end of NAESB EDM: a package in, a receipt out.

The receipt says ``ok`` only when the content is committed. Its form is general knowledge (see
``files/transports/naesb.py``); every line of it is a name, a value and an asterisk.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from http import HTTPStatus

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from ossrep.kernel import clock
from ossrep.kernel.errors import DomainError
from ossrep.kernel.market_time import MARKET_ZONE
from ossrep.market.usecases.interchange.take_package import (
    Login,
    NotLetIn,
    PackageRefused,
    take_package,
)

PACKAGE_BYTES_MAX = 200_000_000
SERVER = "ossrep"


@method_decorator(csrf_exempt, name="dispatch")
class EdmView(View):
    """Machines post here with credentials of their own; no session, so no CSRF."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, channel: str) -> HttpResponse:
        """One package; the time is taken before anything else is done with it."""
        received_at = clock.now()
        length = request.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > PACKAGE_BYTES_MAX:
            return _receipt(
                "EEDM999: a package has its length and fits it", received_at, status=413
            )
        try:
            file_id = take_package(
                channel_code=channel,
                login=_login(request.headers.get("Authorization", "")),
                form={name: str(value) for name, value in request.POST.items()},
                sealed={name: _bytes(found) for name, found in request.FILES.items()},
                received_at=received_at,
            )
        except NotLetIn:
            answer = HttpResponse(status=HTTPStatus.UNAUTHORIZED)
            answer["WWW-Authenticate"] = 'Basic realm="EDM"'
            return answer
        except PackageRefused as refusal:
            return _receipt(f"EEDM999: {refusal.message}", received_at)
        except DomainError as error:
            return _receipt(f"EEDM999: {error.message}", received_at, status=500)
        return _receipt("ok", received_at, transaction=str(file_id))


def _bytes(found: object) -> bytes:
    assert isinstance(found, UploadedFile)
    return bytes(found.read())


def _login(header: str) -> Login:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return Login()
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return Login()
    return Login(user, password)


def _receipt(
    status_text: str, received_at: dt.datetime, *, transaction: str = "", status: int = 200
) -> HttpResponse:
    local = received_at.astimezone(MARKET_ZONE)
    plain = status_text.replace("*", " ").replace("\r", " ").replace("\n", " ")
    lines = [
        f"time-c={local:%Y%m%d%H%M%S}*",
        f"request-status={plain}*",
        f"server-id={SERVER}*",
        f"trans-id={transaction}*",
    ]
    boundary = "ossrep-receipt"
    body = (
        f"--{boundary}\r\nContent-Type: text/plain\r\n\r\n"
        + "\r\n".join(lines)
        + f"\r\n--{boundary}--\r\n"
    )
    return HttpResponse(
        body,
        status=status,
        content_type=f'multipart/report; report-type="gisb-acknowledgement-receipt"; '
        f'boundary="{boundary}"',
    )

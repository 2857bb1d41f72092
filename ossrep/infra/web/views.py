"""What every endpoint of the API stands on: who may, how much, in which form.

A view is a subclass of PublicView, ExternalView or InternalView, its route has a row in the role
matrix, its methods hold one query or use case each, and ``@extend_schema`` says their shapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, ClassVar, Literal

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from ossrep.infra.auth.rest import BearerAuthentication, MatrixPermission
from ossrep.infra.web.idempotency import answer_once
from ossrep.infra.web.json_bodies import BODY_BYTES_MAX, CamelJsonParser, CamelJsonRenderer
from ossrep.infra.web.schema import ApiSchema
from ossrep.infra.web.throttling import AddressThrottle, ClientThrottle

# What callers of a JSON API say; anything else is read as DRF reads it.
_ACCEPTS_JSON = {"", "*/*", "application/json", "application/json, text/plain, */*"}

UNSAFE = ("post", "put", "patch", "delete")


class _Negotiation(DefaultContentNegotiation):
    """Without reading what needs no reading: one form, and a caller who takes it."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The renderer and its media type. Raises NotAcceptable (406)."""
        given = list(renderers)
        is_plain = len(given) == 1 and isinstance(given[0], CamelJsonRenderer)
        if is_plain and not request._request.GET and _accept(request) in _ACCEPTS_JSON:
            return given[0], given[0].media_type
        found: tuple[BaseRenderer, str] = super().select_renderer(request, given, format_suffix)
        return found


def _accept(request: Request) -> str:
    return str(request._request.META.get("HTTP_ACCEPT", ""))


class ApiView(APIView):
    """Shared by all; not for use by itself.

    ``idempotency``: ``required`` demands an Idempotency-Key of unsafe calls; ``optional`` honours
    one that comes (for published contracts that know none). ``caller_header`` has the secret of
    callers without a token: another's key does not give them an answer again.
    """

    idempotency: ClassVar[Literal["required", "optional"]] = "required"
    caller_header: ClassVar[str] = ""
    body_bytes_max: ClassVar[int] = BODY_BYTES_MAX

    authentication_classes: Sequence[type[BaseAuthentication]] = [BearerAuthentication]
    permission_classes: Sequence[type[BasePermission]] = [MatrixPermission]
    parser_classes = [CamelJsonParser]
    renderer_classes = [CamelJsonRenderer]
    content_negotiation_class = _Negotiation
    throttle_classes: Sequence[type[BaseThrottle]] = []
    counts_addresses: ClassVar[bool] = False
    schema = ApiSchema()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Checks the caller, then puts the unsafe method behind the Idempotency-Key."""
        super().initial(request, *args, **kwargs)
        if any("\0" in value for _, values in request.query_params.lists() for value in values):
            # The database takes none, and no name or number has one.
            raise ParseError("a parameter has a NUL character", code="nul_character")
        method = (request.method or "").lower()
        handler = getattr(self, method, None)
        if method in UNSAFE and handler is not None:
            # DRF looks the method up on the instance after this, and finds the guarded one.
            setattr(self, method, partial(answer_once, self, handler))

    def perform_authentication(self, request: Request) -> None:
        """Counts the address before any token is looked at, so that guessing is limited, too."""
        throttle = AddressThrottle()
        if self.counts_addresses and not throttle.allow_request(request, self):
            self.throttled(request, throttle.wait())
        super().perform_authentication(request)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """No cache keeps what was answered to a token."""
        answered: Response = super().finalize_response(request, response, *args, **kwargs)
        if "Authorization" in request.headers:
            answered.headers.setdefault("Cache-Control", "no-store")
        return answered


class ExternalView(ApiView):
    """For the portal's users: token of a customer, counted by client and by address."""

    counts_addresses = True
    throttle_classes = [ClientThrottle]


class PublicView(ApiView):
    """For everybody: no token is looked at, not even a bad one; counted by address."""

    authentication_classes: Sequence[type[BaseAuthentication]] = []
    counts_addresses = True


class InternalView(ApiView):
    """For operators and services: token of staff or of a service, from an allowed address."""

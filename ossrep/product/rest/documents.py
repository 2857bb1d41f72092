"""``GET /api/v1/plans/{planVersionId}/documents/{kind}``: label, terms and rights as PDF."""

from __future__ import annotations

import hashlib

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ossrep.infra.web.files import PdfRenderer
from ossrep.infra.web.preconditions import is_known
from ossrep.infra.web.views import PublicView
from ossrep.kernel import clock
from ossrep.product.documents.facts_label_pdf import facts_label_pdf
from ossrep.product.models.legal_document import LANGUAGES
from ossrep.product.queries.facts_labels import get_facts_label
from ossrep.product.queries.legal_documents import find_legal_document
from ossrep.product.rest.areas import tdsp_parameter

_LANGUAGES = [code for code, _ in LANGUAGES]


class PlanDocumentView(PublicView):
    """``GET /api/v1/plans/{planVersionId}/documents/efl|tos|yrac?tdsp=&language=``"""

    renderer_classes = [PdfRenderer]

    @extend_schema(
        operation_id="getPlanDocument",
        summary="Facts label (efl), terms of service (tos) or rights (yrac) of a plan",
        parameters=[
            OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=["efl", "tos", "yrac"]),
            OpenApiParameter("tdsp", str, description="efl: the TDSP, where the plan has no own."),
            OpenApiParameter("language", str, enum=_LANGUAGES, description="Where there is one."),
        ],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, plan_version_id: int, kind: str) -> Response:
        """Of versions that are no longer sold, too: contracts go on."""
        if kind == "efl":
            name, content = f"efl-{plan_version_id}.pdf", _label(request, plan_version_id)
        else:
            name, content = _stored(request, plan_version_id, kind)
        headers = {
            "Cache-Control": "public, max-age=300",
            "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"',
        }
        if is_known(request, tag=headers["ETag"]):
            return Response(status=304, headers=headers)
        shown = {"Content-Disposition": f'inline; filename="{name}"'}
        return Response(content, headers={**headers, **shown})


def _label(request: Request, plan_version_id: int) -> bytes:
    facts = get_facts_label(
        plan_version_id=plan_version_id,
        tdsp_code=tdsp_parameter(request),
        today=clock.market_today(),
    )
    return facts_label_pdf(facts)


def _stored(request: Request, plan_version_id: int, kind: str) -> tuple[str, bytes]:
    language = request.query_params.get("language", "en")
    if language not in _LANGUAGES:
        text = f"language is one of: {', '.join(_LANGUAGES)}."
        raise ValidationError({"language": [ErrorDetail(text, code="invalid_choice")]})
    found = find_legal_document(plan_version_id=plan_version_id, kind=kind, language=language)
    if found is None:
        raise NotFound
    return f"{kind}-{found.language}.pdf", bytes(found.content)

"""Many records of the customer book in one call."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import DictField, ListField

from ossrep.customer.usecases.import_records import import_records
from ossrep.infra.web.bulk import BULK_MAX, OutcomesShape
from ossrep.infra.web.serializers import StrictSerializer
from ossrep.infra.web.views import InternalView
from ossrep.kernel import clock


class ImportBody(StrictSerializer):
    """Records as in a book's JSON lines: ``kind`` and the columns of that kind, all text."""

    records = ListField(child=DictField(), min_length=1, max_length=BULK_MAX)


class ImportsView(InternalView):
    """Importing customers, accounts, contacts, premises, meters, contracts, certificates."""

    @extend_schema(
        operation_id="importCustomerRecords",
        summary="Create or change many records of the customer book",
        request=ImportBody,
        responses=OutcomesShape,
    )
    def post(self, request: Request) -> Response:
        """An outcome for each record; those refused are in quarantine, too."""
        body = ImportBody(data=request.data)
        body.is_valid(raise_exception=True)
        records = body.validated_data["records"]
        refused = import_records(records=records, as_of=clock.market_today())
        why = {record.index: record for record in refused}
        outcomes = [
            {"index": index, "done": True}
            if index not in why
            else {
                "index": index,
                "done": False,
                "code": why[index].code,
                "detail": why[index].reason,
            }
            for index in range(len(records))
        ]
        return Response(
            {"done": len(records) - len(why), "refused": len(why), "outcomes": outcomes}
        )

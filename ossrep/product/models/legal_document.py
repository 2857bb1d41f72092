"""Terms of service and rights of customers, as the brand gives them out."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from ossrep.product.models.brand import Brand
from ossrep.product.models.plan import Plan

KINDS = [("tos", "terms of service"), ("yrac", "your rights as a customer")]
LANGUAGES = [("en", "English"), ("es", "Spanish")]


class LegalDocument(models.Model):
    """One version of a document, a PDF; rows never change, the newest of its kind counts.

    ``plan`` empty: for all plans of the brand that have none of their own. ``version`` is what
    the document calls itself. ``text`` is what ``content`` was set from, empty where the PDF came
    as it is; ``sha256`` is of the text, or else of the PDF.
    """

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="legal_documents")
    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, null=True, blank=True, related_name="legal_documents"
    )
    kind = models.CharField(max_length=4, choices=KINDS)
    language = models.CharField(max_length=2, choices=LANGUAGES)
    version = models.CharField(max_length=60)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    text = models.TextField(default="")
    content = models.BinaryField()
    imported_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "legal_document"
        ordering = ["brand__code", "kind", "language", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["tos", "yrac"]), name="product_legal_document_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=["en", "es"]),
                name="product_legal_document_lang",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version} ({self.language})"

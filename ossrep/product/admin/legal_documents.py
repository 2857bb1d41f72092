"""Terms and rights: every version as it was given out, and the form that writes the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ossrep.infra.record_admin import RecordAdmin
from ossrep.kernel.errors import DomainError
from ossrep.product.models import LegalDocument
from ossrep.product.usecases.import_legal_document import (
    BYTES_MAX,
    DocumentOrder,
    check_legal_document,
    import_legal_document,
)

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[LegalDocument]
else:
    _ModelForm = forms.ModelForm

_WRITTEN_NAME = "written in the admin"
_HOW = (
    "First line: # and the title. ## begins a heading, - an item; an empty line ends a paragraph. "
    "The PDF gets the brand's name and contact, and the version."
)


class NextVersionForm(_ModelForm):
    """The next version of a document, as text or as a PDF."""

    text = forms.CharField(
        required=False, widget=forms.Textarea({"rows": 32, "cols": 100}), help_text=_HOW
    )
    file = forms.FileField(
        required=False, label="or a PDF", help_text=f"At most {BYTES_MAX:,} bytes."
    )

    class Meta:
        model = LegalDocument
        fields = ["brand", "plan", "kind", "language", "version", "text"]

    def clean(self) -> dict[str, Any]:
        """Says what the use case would refuse, beside the form with all that was typed."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return given
        if bool(given["text"].strip()) == bool(given["file"]):
            raise forms.ValidationError("Give the text or a PDF.")
        try:
            check_legal_document(order=self.order())
        except DomainError as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return given

    def order(self) -> DocumentOrder:
        """What the form asks for."""
        given = self.cleaned_data
        file = given["file"]
        if file:
            file.seek(0)
        text = given["text"].replace("\r\n", "\n")
        return DocumentOrder(
            content=file.read(BYTES_MAX + 1) if file else text.encode(),
            file_name=file.name if file else _WRITTEN_NAME,
            brand_code=given["brand"].code,
            plan_code=given["plan"].code if given["plan"] else "",
            kind=given["kind"],
            language=given["language"],
            version=given["version"],
        )


@admin.register(LegalDocument)
class LegalDocumentAdmin(RecordAdmin):
    """Versions are added and never changed: contracts refer to them."""

    called = ("legal document", "legal documents")
    menu_place = 4
    form = NextVersionForm
    list_display = ["title", "brand", "plan", "language", "version", "is_newest", "imported_at"]
    list_filter = ["kind", "language", "brand"]
    list_select_related = ["brand", "plan"]
    search_fields = ["version", "brand__code", "brand__display_name", "plan__code", "text"]
    ordering = ["brand__code", "kind", "language", "-id"]
    fieldsets = [
        (None, {"fields": ["brand", "plan", "kind", "language", "version", "is_newest"]}),
        ("Document", {"fields": ["pdf", "next_version", "written"]}),
        ("Where it comes from", {"fields": ["file_name", "imported_at", "sha256"]}),
    ]
    readonly_fields = ["is_newest", "pdf", "next_version", "written"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[LegalDocument]:
        rows: QuerySet[LegalDocument] = super().get_queryset(request)
        alike = {name: OuterRef(name) for name in ("brand", "kind", "language")}
        later = LegalDocument.objects.alias(of_plan=Coalesce("plan_id", 0)).filter(
            **alike, of_plan=Coalesce(OuterRef("plan_id"), 0), pk__gt=OuterRef("pk")
        )
        return rows.defer("content").annotate(has_later=Exists(later))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None:
            return super().get_fieldsets(request, obj)
        names = ["brand", "plan", "kind", "language", "version", "text", "file"]
        return [(None, {"fields": names})]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the version was that the next one is made of; its own version is to be named."""
        number = request.GET.get("from", "")
        if not number.isdecimal() or len(number) > 18:
            return super().get_changeform_initial_data(request)
        names = ("brand", "plan", "kind", "language", "text")
        return LegalDocument.objects.filter(pk=int(number)).values(*names).first() or {}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        kept = import_legal_document(order=form.order())
        newest = LegalDocument.objects.filter(
            brand=obj.brand, plan=obj.plan, kind=obj.kind, language=obj.language
        ).order_by("-id")
        # The page goes on with the record, which the use case has made.
        obj.pk = kept.pk if kept else newest.values_list("pk", flat=True)[0]

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:document_id>/pdf",
            self.admin_site.admin_view(self.pdf_view),
            name="product_legaldocument_pdf",
        )
        return [own, *super().get_urls()]

    def pdf_view(self, request: HttpRequest, document_id: int) -> HttpResponse:
        """The PDF, for those who may see the record."""
        found = LegalDocument.objects.filter(pk=document_id).first()
        if found is None or not self.has_view_permission(request, found):
            raise Http404
        name = f"{found.kind}-{found.language}-{found.pk}.pdf"
        headers = {"Content-Disposition": f'inline; filename="{name}"'}
        return HttpResponse(bytes(found.content), content_type="application/pdf", headers=headers)

    @admin.display(description="document", ordering="kind")
    def title(self, row: LegalDocument) -> str:
        return str(row.get_kind_display())

    @admin.display(description="newest", boolean=True)
    def is_newest(self, row: Any) -> bool:
        return not row.has_later

    @admin.display(description="PDF")
    def pdf(self, row: LegalDocument) -> SafeString:
        return format_html(
            '<a href="{}">as customers get it</a>',
            reverse("admin:product_legaldocument_pdf", args=[row.pk]),
        )

    @admin.display(description="next version")
    def next_version(self, row: LegalDocument) -> SafeString:
        at = reverse("admin:product_legaldocument_add")
        return format_html('<a href="{}?from={}">write it from this one</a>', at, row.pk)

    @admin.display(description="text")
    def written(self, row: LegalDocument) -> SafeString | str:
        if not row.text:
            return "came as a PDF"
        return format_html('<pre class="source">{}</pre>', row.text)

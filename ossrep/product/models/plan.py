"""Plans: drafts that change, versions that never do."""

from __future__ import annotations

import datetime as dt

import pghistory
from django.db import models
from django.db.models.functions import Now

from ossrep.product.models.brand import Brand

CUSTOMER_CLASSES = [
    ("residential", "residential"),
    ("small_commercial", "small commercial"),
    ("large_commercial", "large commercial"),
]
PRODUCT_TYPES = [("fixed", "fixed"), ("variable", "variable"), ("indexed", "indexed")]


class Plan(models.Model):
    """A plan through all its versions; its code is what people and files call it."""

    code = models.CharField(max_length=64, unique=True)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="plans")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "plan"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[A-Z0-9][A-Z0-9-]*$"), name="product_plan_code"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class PlanContent(models.Model):
    """What a draft and a version share: the file as written and what it says.

    ``source_document`` is the file's content, names of shared calendars not yet resolved;
    ``content_sha256`` is its digest, by which an import knows the same content again.
    """

    version = models.IntegerField()
    name = models.CharField(max_length=200)
    product_type = models.CharField(max_length=10, choices=PRODUCT_TYPES)
    customer_class = models.CharField(max_length=20, choices=CUSTOMER_CLASSES)
    term_months = models.IntegerField()
    source_name = models.CharField(max_length=300)
    source_text = models.TextField()
    source_document = models.JSONField()
    content_sha256 = models.CharField(max_length=64)

    class Meta:
        abstract = True


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"db_table": "plan_draft_event"},
)
class PlanDraft(PlanContent):
    """The next version of a plan, while it may still change; at most one for each plan."""

    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="draft")
    imported_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "plan_draft"
        ordering = ["plan__code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(version__gte=1), name="product_plan_draft_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} version {self.version} (draft)"


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), meta={"db_table": "plan_version_event"}
)
class PlanVersion(PlanContent):
    """A published version. The database lets only its retirement be written, once.

    ``document`` stands alone: the shared calendars it took are in it, and ``resolved_from``
    says which versions they were. ``efl_prices`` is what the label computed at publishing.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    document = models.JSONField()
    resolved_from = models.JSONField(default=list)
    efl_prices = models.JSONField(null=True)
    published_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    retired_reason = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "plan_version"
        ordering = ["plan__code", "version"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "version"], name="product_plan_version_number"),
            models.CheckConstraint(
                condition=models.Q(version__gte=1), name="product_plan_version_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(retired_at__isnull=True)
                | models.Q(retired_at__gte=models.F("published_at")),
                name="product_plan_version_retired",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} version {self.version}"

    @property
    def status(self) -> str:
        """``published`` or ``retired``."""
        return "retired" if self.retired_at else "published"

    def retire(self, *, at: dt.datetime, reason: str) -> None:
        """Takes the version off the shelf; contracts on it go on."""
        self.retired_at = at
        self.retired_reason = reason
        self.save(update_fields=["retired_at", "retired_reason"])

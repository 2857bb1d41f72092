"""Who we exchange messages with, over which channel, and who we are to them."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from ossrep.market.edi.x12.model import Separators

CONFIDENCES = [
    ("sourced", "sourced"),
    ("inferred", "inferred: verify"),
    ("general", "general knowledge: verify"),
    ("unsourced", "not known"),
]
LINE_ENDS = {"none": "", "lf": "\n", "crlf": "\r\n"}
HAND = "hand"
"""The channel of files that an operator hands in; it opens no transport."""


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"db_table": "channel_event"},
)
class Channel(models.Model):
    """A way for files: a pair of folders, an SFTP server, a NAESB EDM end point.

    ``settings`` are those of the transport (docs/market/mailroom.md). They name files and
    environment variables that hold secrets, never the secrets.
    """

    code = models.CharField(max_length=40, unique=True)
    transport = models.CharField(max_length=20)
    settings = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "channel"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z0-9][a-z0-9-]*$"), name="market_channel_code"
            ),
        ]

    def __str__(self) -> str:
        return self.code


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"db_table": "market_identity_event"},
)
class MarketIdentity(models.Model):
    """Who we are in the market: one DUNS or DUNS+4 of ours with its ids in ISA and GS."""

    duns = models.CharField("DUNS", max_length=13, unique=True)
    name = models.CharField(max_length=60)
    isa_qualifier = models.CharField("ISA qualifier", max_length=2, default="01")
    isa_id = models.CharField("ISA id", max_length=15)
    gs_id = models.CharField("GS id", max_length=15)
    brand_id = models.BigIntegerField(null=True, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        db_table = "market_identity"
        verbose_name_plural = "market identities"
        ordering = ["duns"]
        constraints = [
            models.CheckConstraint(
                condition=Q(duns__regex=r"^([0-9]{9}|[0-9]{13})$"), name="market_identity_duns"
            ),
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="market_identity_default"
            ),
            models.UniqueConstraint(fields=["isa_id", "gs_id"], name="market_identity_ids"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.duns})"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"db_table": "trading_partner_event"},
)
class TradingPartner(models.Model):
    """One who sends us messages or takes ours. ISA id, GS id and N1 DUNS can differ.

    What no source gave is empty; a partner without channel, ISA id or GS id can be written for,
    but nothing is exchanged with it yet. ``test_only`` sends ISA15 ``T`` to it even in production.
    ``wants_customer_information``: it is told whom we serve by 814_PC, which is sent under Options
    2 and 3 (an outage is told to the TDSP) and to co-operatives that ask for it.
    """

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    duns = models.CharField("DUNS", max_length=13, blank=True)
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, null=True, blank=True, related_name="partners"
    )
    isa_qualifier = models.CharField("ISA qualifier", max_length=2, default="01")
    isa_id = models.CharField("ISA id", max_length=15, blank=True)
    gs_id = models.CharField("GS id", max_length=15, blank=True)
    test_only = models.BooleanField(default=False)
    wants_ta1 = models.BooleanField("asks for TA1", default=False)
    wants_customer_information = models.BooleanField(
        "is sent customers' data (814_PC)",
        default=False,
        help_text="Co-operatives that ask for it, and TDSPs that customers call in an outage.",
    )
    flat_format = models.CharField(max_length=20, blank=True)
    element_separator = models.CharField(max_length=1, default="*")
    component_separator = models.CharField(max_length=1, default=">")
    segment_terminator = models.CharField(max_length=1, default="~")
    line_end = models.CharField(
        max_length=4, default="none", choices=[(name, name) for name in LINE_ENDS]
    )
    pgp_fingerprint = models.CharField("PGP fingerprint", max_length=64, blank=True)
    pgp_public_key = models.TextField("PGP public key", blank=True)
    is_active = models.BooleanField(default=True)
    confidence = models.CharField(max_length=10, choices=CONFIDENCES, default="sourced")
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "trading_partner"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z0-9][A-Z0-9_]*$"), name="market_partner_code"
            ),
            models.CheckConstraint(
                condition=Q(duns="") | Q(duns__regex=r"^([0-9]{9}|[0-9]{13})$"),
                name="market_partner_duns",
            ),
            models.UniqueConstraint(
                fields=["channel", "isa_id", "gs_id"],
                condition=~Q(isa_id="") & ~Q(gs_id=""),
                name="market_partner_ids",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def separators(self) -> Separators:
        """How files to this partner are cut."""
        return Separators(
            element=self.element_separator,
            component=self.component_separator,
            terminator=self.segment_terminator,
            line_end=LINE_ENDS[self.line_end],
        )

    @property
    def lacks(self) -> list[str]:
        """What is missing before anything can be exchanged."""
        needed = {"channel": self.channel_id, "ISA id": self.isa_id, "GS id": self.gs_id}
        return [name for name, value in needed.items() if not value]

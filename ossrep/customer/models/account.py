"""Who gets a bill."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ossrep.customer.domain.hierarchy import LEVELS_MAX
from ossrep.customer.domain.records import CUSTOMER_CLASSES, DELIVERIES, LANGUAGES
from ossrep.customer.models.customer import Customer
from ossrep.customer.models.fields import not_empty, number_check, number_field, one_of, text
from ossrep.customer.models.tracking import tracked

# Two changes at once could close a circle that neither sees; the lock makes them take turns.
_HIERARCHY = f"""
    IF TG_OP = 'UPDATE' AND NEW.parent_id IS NOT DISTINCT FROM OLD.parent_id THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('customer.account.parent'));
    IF EXISTS (
        WITH RECURSIVE above AS (
            SELECT NEW.parent_id AS id, 1 AS level
            UNION ALL
            SELECT a.parent_id, above.level + 1
            FROM above JOIN account a ON a.id = above.id
            WHERE a.parent_id IS NOT NULL AND above.level <= {LEVELS_MAX} AND above.id <> NEW.id
        )
        SELECT 1 FROM above WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION 'account % would be above itself', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cust_account_no_cycle';
    END IF;
    IF (
        WITH RECURSIVE above AS (
            SELECT NEW.parent_id AS id, 1 AS level
            UNION ALL
            SELECT a.parent_id, above.level + 1
            FROM above JOIN account a ON a.id = above.id
            WHERE a.parent_id IS NOT NULL AND above.level <= {LEVELS_MAX}
        )
        SELECT max(level) FROM above
    ) + (
        WITH RECURSIVE below AS (
            SELECT NEW.id AS id, 1 AS level
            UNION ALL
            SELECT a.id, below.level + 1
            FROM below JOIN account a ON a.parent_id = below.id
            WHERE below.level <= {LEVELS_MAX}
        )
        SELECT max(level) FROM below
    ) > {LEVELS_MAX} THEN
        RAISE EXCEPTION 'account % would stand too deep', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cust_account_depth';
    END IF;
    RETURN NULL;
"""  # noqa: S608


@tracked("account_event", but=["created_at"])
class Account(models.Model):
    """What is billed together: one invoice, one balance, one mailing address."""

    number = number_field()
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="accounts")
    parent = models.ForeignKey(
        "self", models.PROTECT, related_name="children", null=True, blank=True
    )
    brand_id = models.BigIntegerField()
    customer_class = models.CharField(max_length=20, choices=[(c, c) for c in CUSTOMER_CLASSES])
    nickname = text()
    bill_to_name = text(200)
    mailing_line1 = models.CharField(max_length=100)
    mailing_line2 = text()
    mailing_city = models.CharField(max_length=60)
    mailing_state = models.CharField(max_length=2)
    mailing_zip = models.CharField(max_length=10)
    delivery = models.CharField(max_length=5, choices=[(d, d) for d in DELIVERIES], default="paper")
    email = text(254)
    language = models.CharField(max_length=2, choices=[(v, v) for v in LANGUAGES], default="en")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "account"
        constraints = [
            number_check("cust_account_number"),
            one_of("customer_class", CUSTOMER_CLASSES, "cust_account_class"),
            one_of("delivery", DELIVERIES, "cust_account_delivery"),
            one_of("language", LANGUAGES, "cust_account_language"),
            not_empty(
                ("mailing_line1", "mailing_city", "mailing_state", "mailing_zip"),
                "cust_account_addressed",
            ),
            models.CheckConstraint(
                condition=~Q(delivery="email") | ~Q(email=""), name="cust_account_email"
            ),
            # The target of foreign keys that keep parent and contact within one customer.
            models.UniqueConstraint(fields=["id", "customer"], name="cust_account_of_customer"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="hierarchy",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__parent__isnull=False),
                func=_HIERARCHY,
            ),
            pgtrigger.ReadOnly(name="keeps_customer", fields=["number", "customer"]),
        ]

    def __str__(self) -> str:
        return self.number

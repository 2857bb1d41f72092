"""Columns and checks that several tables share."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Cast

from ossrep.customer.domain.numbers import NUMBER_PATTERN


def number_field() -> models.CharField[str, str]:
    """A number that people read, unique in its table."""
    return models.CharField(max_length=40, unique=True)


def text(max_length: int = 100) -> models.CharField[str, str]:
    """A short text that may be empty."""
    return models.CharField(max_length=max_length, blank=True, default="")


def number_check(name: str) -> models.CheckConstraint:
    """The number looks like one."""
    return models.CheckConstraint(condition=models.Q(number__regex=NUMBER_PATTERN), name=name)


def one_of(field: str, values: tuple[str, ...], name: str) -> models.CheckConstraint:
    """The column has one of the named values."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": values}), name=name)


def not_empty(fields: tuple[str, ...], name: str) -> models.CheckConstraint:
    """None of the columns is the empty text."""
    condition = models.Q()
    for field in fields:
        condition &= ~models.Q(**{field: ""})
    return models.CheckConstraint(condition=condition, name=name)


def rising(start: str, end: str, name: str) -> models.CheckConstraint:
    """A half-open period: the end, where there is one, comes after the start."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{end}__isnull": True})
        | models.Q(**{f"{end}__gt": models.F(start)}),
        name=name,
    )


def id_range(field: str, *, none: int | None = None) -> models.Func:
    """One id as an ``int8range`` of that id alone, so that plain GiST can compare ids.

    The embedded server has no btree_gist. ``none`` stands in for a column that is null.
    """
    value: models.expressions.Combinable = models.F(field)
    if none is not None:
        value = models.functions.Coalesce(
            models.F(field), Cast(models.Value(none), models.BigIntegerField())
        )
    return models.Func(value, value, models.Value("[]"), function="int8range")


def date_range(start: str, end: str) -> models.Func:
    """Half-open ``daterange`` of two columns; no end is open."""
    return models.Func(models.F(start), models.F(end), function="daterange")

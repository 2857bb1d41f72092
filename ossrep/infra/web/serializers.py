"""Serializers that refuse what they do not know."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from ossrep.infra.web.json_bodies import camel


class StrictSerializer(serializers.Serializer[Any]):
    """A body with a field that is not there, or that is read-only, is refused: 400.

    Shapes of answers may use it, too.
    """

    def to_internal_value(self, data: Any) -> Any:
        """The validated fields. Raises ValidationError, code ``unknown_field``."""
        if isinstance(data, dict):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            unknown = [name for name in data if name not in writable]
            if unknown:
                text = "There is no such field to be written."
                raise ValidationError(
                    {
                        name: [ErrorDetail(text, code="unknown_field")]
                        for name in map(camel, unknown)
                    }
                )
        return super().to_internal_value(data)

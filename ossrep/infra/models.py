"""What the house itself keeps, on ``default``."""

from __future__ import annotations

from django.db import models


class BrokerTopic(models.Model):
    """A topic and its recorded number of partitions."""

    topic = models.TextField(primary_key=True)
    partitions = models.IntegerField()

    class Meta:
        db_table = "broker_topic"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(partitions__gt=0), name="broker_topic_has_partitions"
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic} ({self.partitions} partitions)"

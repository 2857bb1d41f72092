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


class OneTimePassword(models.Model):
    """A password that was printed for a first sign-in; in force until its user has another.

    ``password_hash`` is what the user's own record held then: while the two are equal, the
    password was not changed and may be given anew.
    """

    username = models.CharField(max_length=150, primary_key=True)
    password_hash = models.CharField(max_length=128)

    class Meta:
        db_table = "one_time_password"

    def __str__(self) -> str:
        return self.username

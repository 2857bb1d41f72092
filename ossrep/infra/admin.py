"""The house in the admin: every context's messages, the broker's topics."""

from __future__ import annotations

from django.contrib import admin

from ossrep.infra import admin_messaging
from ossrep.infra.database import installed
from ossrep.infra.models import BrokerTopic
from ossrep.infra.record_admin import ReadOnlyAdmin

for _context in installed():
    admin_messaging.register(_context)


@admin.register(BrokerTopic)
class BrokerTopicAdmin(ReadOnlyAdmin):
    list_display = ["topic", "partitions"]

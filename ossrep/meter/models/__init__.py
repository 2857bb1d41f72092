"""Tables of context ``meter``."""

from ossrep.meter.models.changes import ChangedRow
from ossrep.meter.models.intake import Intake, QuarantinedRecord
from ossrep.meter.models.interval_day import IntervalDay
from ossrep.meter.models.messaging import InboxParked, InboxStream, OutboxEvent, OutboxStream
from ossrep.meter.models.meter_point import MeterPoint
from ossrep.meter.models.register_usage import CancelledRegister, RegisterUsage
from ossrep.meter.models.vee import LoadProfile, VeeResult, VeeRuleset, VeeThreshold

__all__ = [
    "CancelledRegister",
    "ChangedRow",
    "InboxParked",
    "InboxStream",
    "Intake",
    "IntervalDay",
    "LoadProfile",
    "MeterPoint",
    "OutboxEvent",
    "OutboxStream",
    "QuarantinedRecord",
    "RegisterUsage",
    "VeeResult",
    "VeeRuleset",
    "VeeThreshold",
]

"""Events from other contexts: each one's effect exactly once, in the order of its aggregate."""

from ossrep.infra.inbox.applying import Applied, apply
from ossrep.infra.inbox.discovery import Consumer, Handler, find_consumers

__all__ = ["Applied", "Consumer", "Handler", "apply", "find_consumers"]

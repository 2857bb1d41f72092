"""Finds what each context does with others' events.

A context lists it in ``ossrep/<context>/consumers.py``::

    HANDLERS: Mapping[str, Handler] = {"market.usage-received.v1": store_usage}

A handler takes the event's envelope and calls one use case. It runs inside a transaction of its
context's alias, together with the inbox row that says "done"; so it must not send anything to
the outside, and what it raises undoes both. ``RELOAD`` (optional) takes the aggregate's type and
id and reads it anew from its owner, after a restored database told its history differently.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ossrep.infra.database import CONTEXTS, installed
from ossrep.kernel.errors import DomainError
from ossrep.kernel.events import EventEnvelope

Handler = Callable[[EventEnvelope], None]
Reload = Callable[[str, str], None]


class HandlerForUnknownEvent(DomainError):
    """A handler is registered for an event type that no context can publish."""

    code = "handler_for_unknown_event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """The handlers of one context; ``name`` is its consumer group and the key of its inbox."""

    name: str
    context: str
    handlers: Mapping[str, Handler]
    reload: Reload | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The contexts whose events it listens to, from the handled event types."""
        named = {event_type.split(".", 1)[0] for event_type in self.handlers}
        return tuple(context for context in CONTEXTS if context in named)


def find_consumers(*, contexts: Sequence[str] | None = None) -> list[Consumer]:
    """The consumers of those contexts (None: all of this process) that handle anything."""
    found = []
    for context in installed() if contexts is None else contexts:
        path = f"ossrep.{context}.consumers"
        if importlib.util.find_spec(path) is None:
            continue
        module = importlib.import_module(path)
        handlers: Mapping[str, Handler] = module.HANDLERS
        for event_type in handlers:
            if event_type.split(".", 1)[0] not in CONTEXTS:
                raise HandlerForUnknownEvent(f"no context publishes {event_type!r}", where=path)
        if handlers:
            found.append(
                Consumer(
                    name=context,
                    context=context,
                    handlers=handlers,
                    reload=getattr(module, "RELOAD", None),
                )
            )
    return found

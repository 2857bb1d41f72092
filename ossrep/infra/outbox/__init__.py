"""Facts told to other contexts: written with the change, relayed in order, applied once."""

from ossrep.infra.outbox.writing import append, append_many

__all__ = ["append", "append_many"]

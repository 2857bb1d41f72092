"""Which rows have changed, for those who follow this context by its feeds."""

from __future__ import annotations

from ossrep.infra.feeds.tables import ChangedRowBase


class ChangedRow(ChangedRowBase):
    class Meta(ChangedRowBase.Meta):
        pass

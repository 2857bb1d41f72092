"""Which provider's format a file without envelope has."""

from __future__ import annotations

from ossrep.market.edi.flat.model import FlatFile
from ossrep.market.edi.flat.pipe import is_pipe, read_pipe
from ossrep.market.edi.flat.prism import read_prism


def read_flat(data: bytes) -> FlatFile:
    """The documents of a file of one of the known providers; ``EdiError`` where it is of none."""
    return read_pipe(data) if is_pipe(data) else read_prism(data)

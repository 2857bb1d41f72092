"""Which flattened format a file is of, and what it holds."""

from __future__ import annotations

from ossrep.market.edi.errors import EdiError
from ossrep.market.edi.flat.model import FlatFile
from ossrep.market.edi.flat.pipe import is_pipe, read_pipe
from ossrep.market.edi.flat.prism import is_prism, read_prism
from ossrep.market.edi.flat.text import file_fault


def is_flat(data: bytes) -> bool:
    """Whether a file begins like one of the providers' formats (an interchange begins ISA)."""
    return is_pipe(data) or is_prism(data)


def read_flat(data: bytes) -> FlatFile:
    """Every document of a provider's file; a bad one leaves the others be.

    Raises:
        EdiError: it is of no known format, or nothing in it can be told.
    """
    if is_pipe(data):
        return read_pipe(data)
    if is_prism(data):
        return read_prism(data)
    raise EdiError(file_fault("flat_header", "neither an H~ nor an SH| line begins the file"))

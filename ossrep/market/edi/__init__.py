"""EDI as pure code: bytes in, dataclasses out. No Django, no clock, no database."""

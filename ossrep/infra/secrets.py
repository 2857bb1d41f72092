"""Secrets that a single machine makes for itself."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def kept_secret(*, path: Path) -> str:
    """The secret kept at ``path`` (mode 0600), made on first use.

    Two processes that start at once agree: the file appears whole, and the first one wins.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()

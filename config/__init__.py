"""Settings, URLs and entry points."""

from __future__ import annotations

import os

if os.environ.get("OSSREP_BROKER_URL"):
    # Only where a broker is used: tasks sent from commands and the web find their application.
    from config.celery import app as celery_app

    __all__ = ["celery_app"]

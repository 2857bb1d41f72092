"""The product's Celery application with one task more, for a worker in a test."""

from __future__ import annotations

from pathlib import Path

from config.celery import app


@app.task
def note(path: str, text: str) -> None:
    """Appends a line to a file."""
    with Path(path).open("a") as file:
        file.write(f"{text}\n")

"""``manage.py settings_table``: the page of all environment variables, from their declarations."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from django.conf import settings

from ossrep.infra.commands import OssrepCommand

HEAD = """\
# Settings

Every setting is an environment variable that starts with `OSSREP_`. They are checked at start:
what does not fit is listed at once, all of it, and the process ends with status 2. This page is
made by `manage.py settings_table > docs/settings.md`; a test holds it to the code.

| Variable | Takes | Default | What it does |
|---|---|---|---|
"""


class Command(OssrepCommand):
    """Prints the page ``docs/settings.md``."""

    help = "Prints docs/settings.md: all environment variables with type, default and meaning."

    def needs_database(self, options: Mapping[str, Any]) -> bool:
        return False

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(settings_page(), ending="")


def settings_page() -> str:
    """The whole page as Markdown."""
    environment = settings.OSSREP_ENVIRONMENT
    rows = [
        f"| `OSSREP_{name.upper()}` | {_takes(field.annotation)} | {_default(field.default)} "
        f"| {field.description} |\n"
        for name, field in environment.model_fields.items()
    ]
    return HEAD + "".join(rows)


def _takes(annotation: Any) -> str:
    if get_origin(annotation) in (Union, types.UnionType):
        return _takes(next(part for part in get_args(annotation) if part is not type(None)))
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    names = {bool: "true or false", str: "text", int: "number", float: "number", Path: "path"}
    kinds = {list: "JSON list", dict: "JSON object", tuple: "names with commas between"}
    return names.get(annotation) or kinds.get(get_origin(annotation)) or str(annotation)


def _default(value: Any) -> str:
    if value in (None, "", {}, []):
        return ""
    if isinstance(value, tuple):
        value = ",".join(value)
    if isinstance(value, Path):
        is_inside = value.is_relative_to(settings.BASE_DIR)
        value = value.relative_to(settings.BASE_DIR) if is_inside else value
    return f"`{json.dumps(value) if isinstance(value, bool | list) else value}`"

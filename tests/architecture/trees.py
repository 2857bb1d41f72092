"""What the structure checks share: reading source trees, and small trees that break a rule."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTEXTS = ("customer", "product", "meter", "market", "billing")

Finding = str


def sources(
    root: Path, *folders: str, migrations: bool = False
) -> Iterator[tuple[str, ast.Module]]:
    """(path relative to root, syntax tree) of each Python file below the folders."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            relative = path.relative_to(root)
            if "__pycache__" in relative.parts or (
                not migrations and "migrations" in relative.parts
            ):
                continue
            yield relative.as_posix(), _parse(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4096)
def _parse(path: Path, changed_ns: int) -> ast.Module:
    return ast.parse(path.read_text())


def plant(root: Path, files: Mapping[str, str]) -> Path:
    """Writes files below a folder and gives the folder back."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def context_of(path: str) -> str | None:
    """The context a file below ``ossrep/`` belongs to."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[1] in CONTEXTS else None


def dotted(node: ast.expr) -> str:
    """``a.b.c`` of a chain of attributes; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else node.attr
    return ""


def strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, text) of every string constant that is not a docstring, parts of f-strings too."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
        ):
            yield node.lineno, node.value

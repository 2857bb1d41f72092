"""What crosses a border is a frozen, slotted dataclass; events are versioned facts."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.trees import CONTEXTS, ROOT, Finding, dotted, plant, sources

EVENT_TYPE = re.compile(r"[a-z]+\.[a-z]+(-[a-z]+)*\.v[1-9]\d*")
NOT_DATA = {"Protocol", "Exception", "DomainError", "Enum", "StrEnum", "IntEnum", "TypedDict"}


def loose_classes(root: Path) -> list[Finding]:
    """Classes of ``published`` that are not frozen and slotted, and events that are no facts."""
    findings = []
    for path, tree in sources(root, "ossrep/published"):
        context = Path(path).stem
        for node in tree.body:
            if not isinstance(node, ast.ClassDef):
                continue
            bases = {dotted(base).rsplit(".", 1)[-1] for base in node.bases}
            if bases & NOT_DATA:
                continue
            where = f"{path}:{node.lineno}: {node.name}"
            if not _is_frozen_and_slotted(node):
                findings.append(f"{where} is not @dataclass(frozen=True, slots=True)")
            fields = _class_constants(node)
            if "event_type" in fields:
                findings += _event_faults(where, context, node, fields)
    return findings


def _is_frozen_and_slotted(node: ast.ClassDef) -> bool:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and dotted(decorator.func).endswith("dataclass"):
            given = {
                k.arg
                for k in decorator.keywords
                if isinstance(k.value, ast.Constant) and k.value.value
            }
            return {"frozen", "slots"} <= given
    return False


def _class_constants(node: ast.ClassDef) -> dict[str, object]:
    return {
        item.target.id: item.value.value if isinstance(item.value, ast.Constant) else None
        for item in node.body
        if isinstance(item, ast.AnnAssign)
        and isinstance(item.target, ast.Name)
        and item.value is not None
    }


def _event_faults(
    where: str, context: str, node: ast.ClassDef, fields: dict[str, object]
) -> list[Finding]:
    faults = []
    event_type = str(fields["event_type"])
    if not EVENT_TYPE.fullmatch(event_type) or event_type.split(".")[0] != context:
        faults.append(f"{where}: {event_type!r} is not {context}.<past-tense>.v<n>")
    if "aggregate_type" not in fields:
        faults.append(f"{where} names no aggregate_type")
    names = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
    if "aggregate_id" not in names:
        faults.append(f"{where} has no aggregate_id")
    return faults


class TestPublishedClasses:
    def test_are_frozen_facts(self) -> None:
        assert loose_classes(ROOT) == []

    def test_every_context_has_a_module(self) -> None:
        modules = {path.stem for path in (ROOT / "ossrep/published").glob("[a-z]*.py")}

        assert modules == set(CONTEXTS)

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("class Account:\n    id: int\n", "is not @dataclass"),
            ("@dataclass(frozen=True)\nclass Account:\n    id: int\n", "is not @dataclass"),
            ("@dataclass(slots=True, frozen=False)\nclass Account:\n    id: int\n", "is not"),
            (
                "@dataclass(frozen=True, slots=True)\nclass Opened:\n"
                "    event_type: ClassVar[str] = 'billing.account-opened.v1'\n"
                "    aggregate_type: ClassVar[str] = 'account'\n"
                "    @property\n    def aggregate_id(self): ...\n",
                "is not customer.<past-tense>.v<n>",
            ),
            (
                "@dataclass(frozen=True, slots=True)\nclass Opened:\n"
                "    event_type: ClassVar[str] = 'customer.account-opened.v1'\n"
                "    @property\n    def aggregate_id(self): ...\n",
                "names no aggregate_type",
            ),
        ],
    )
    def test_bites(self, tmp_path: Path, text: str, fault: str) -> None:
        root = plant(tmp_path, {"ossrep/published/customer.py": text})

        findings = loose_classes(root)

        assert len(findings) == 1
        assert fault in findings[0]

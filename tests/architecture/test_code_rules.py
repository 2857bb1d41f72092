"""Rules of the code that no linter of others knows."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.trees import CONTEXTS, ROOT, Finding, dotted, plant, sources

CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "timezone.now",
    "timezone.localtime",
    "timezone.localdate",
}
PURE = ("ossrep/kernel", "ossrep/published", "ossrep/rating")
PURE_IN_CONTEXTS = ("domain", "edi")
PURE_THIRD_PARTY = {"numpy", "yaml", "holidays"}
NOT_PURE_STDLIB = {
    "asyncio",
    "http",
    "multiprocessing",
    "random",
    "socket",
    "sqlite3",
    "subprocess",
}
NOT_PURE_STDLIB |= {"tempfile", "threading", "time", "urllib", "os", "shutil"}
DOCUMENTED = ("published", "usecases", "queries", "kernel", "infra", "rating", "edi")
VAGUE_NAMES = {"utils", "util", "common", "helpers", "helper", "misc"}


def clock_reads(root: Path) -> list[Finding]:
    """Reads of the clock outside ``kernel.clock``; counters for durations are fine."""
    return [
        f"{path}:{node.lineno}: {dotted(node.func)}() reads the clock; take as_of"
        for path, tree in sources(root, "ossrep")
        if path != "ossrep/kernel/clock.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ".".join(dotted(node.func).split(".")[-2:]) in CLOCKS
        # With an instant given these only turn it into local time.
        and not (node.args and dotted(node.func).endswith((".localtime", ".localdate")))
    ]


def bare_atomics(root: Path) -> list[Finding]:
    """Transactions that do not name their alias by the context's own helper."""
    findings = []
    for path, tree in sources(root, "ossrep"):
        for node in ast.walk(tree):
            name = dotted(node.func).rsplit(".", 1)[-1] if isinstance(node, ast.Call) else ""
            if name == "atomic" and path != "ossrep/infra/database.py":
                findings.append(f"{path}:{node.lineno}: atomic(); use the context's transaction()")
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                findings += [
                    f"{path}:{node.lineno}: @atomic; use the context's transaction()"
                    for decorator in node.decorator_list
                    if dotted(decorator).rsplit(".", 1)[-1] == "atomic"
                ]
            if name == "on_commit" and not any(k.arg == "using" for k in node.keywords):
                findings.append(f"{path}:{node.lineno}: on_commit() without using=")
    return findings


def impure_imports(root: Path) -> list[Finding]:
    """Imports of pure code other than pure standard library, numpy, yaml and the house."""
    folders = [*PURE, *(f"ossrep/{c}/{p}" for c in CONTEXTS for p in PURE_IN_CONTEXTS)]
    modules = [f"{folder}.py" for folder in folders]
    findings = []
    for path, tree in sources(root, "ossrep"):
        if not (path in modules or any(path.startswith(f"{folder}/") for folder in folders)):
            continue
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                names = [node.module]
            findings += [
                f"{path}:{node.lineno}: pure code imports {name}"
                for name in names
                if not _is_pure(name)
            ]
    return findings


def _is_pure(name: str) -> bool:
    import sys

    top = name.split(".")[0]
    if top in sys.stdlib_module_names:
        return top not in NOT_PURE_STDLIB
    return top == "ossrep" or top in PURE_THIRD_PARTY


def undocumented(root: Path) -> list[Finding]:
    """Public functions and classes without a docstring where one is asked for.

    Methods of a class with bases are left out: what they do is said where they are declared.
    """
    findings = []
    for path, tree in sources(root, "ossrep"):
        parts = set(Path(path).with_suffix("").parts)
        if not parts & set(DOCUMENTED):
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                findings += _without_docstring(path, node)
            elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                is_protocol = any(dotted(b).endswith("Protocol") for b in node.bases)
                methods = [m for m in node.body if isinstance(m, ast.FunctionDef)]
                if not node.bases or is_protocol:
                    findings += [f for m in methods for f in _without_docstring(path, m)]
    return findings


def _without_docstring(path: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Finding]:
    is_property = any(dotted(d).endswith("property") for d in node.decorator_list)
    is_private = node.name.startswith("_")
    is_event_id = node.name == "aggregate_id" and is_property
    if is_private or is_event_id or ast.get_docstring(node):
        return []
    return [f"{path}:{node.lineno}: {node.name} has no docstring"]


def vague_modules(root: Path) -> list[Finding]:
    """Modules whose name says nothing, and modules with nothing in them."""
    findings = []
    for path, tree in sources(root, "ossrep", "config", "bench"):
        name = Path(path).stem
        if name in VAGUE_NAMES or Path(path).parent.name in VAGUE_NAMES:
            findings.append(f"{path}: a name that says nothing")
        if name != "__init__" and not any(not _is_docstring(node) for node in tree.body):
            findings.append(f"{path}: nothing in it")
    return findings


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def missing_readmes(root: Path) -> list[Finding]:
    """Contexts without their one page."""
    return [
        f"ossrep/{context}/README.md is missing"
        for context in CONTEXTS
        if not (root / "ossrep" / context / "README.md").is_file()
    ]


WORKPLACE = re.compile(
    r"\.\./shared\b|(?<![\w./-])/(?:work|root|home)/|\bissues? #\d+|\bissue \d+\b|(?<!\w)dvenv\b"
)
INDEX_HOST = re.compile(
    r"(?:^|\s)--?(?:extra-)?index(?:-url)?\b|(?:^|\s)-i\s+http|https?://\S*(?:pypi|simple)\b"
    r"|^\s*--find-links|\bmirror",
    re.IGNORECASE | re.MULTILINE,
)


def ties_to_a_workplace(root: Path, names: list[str]) -> list[Finding]:
    """Lines that only make sense where the product was written."""
    findings = []
    for name in names:
        try:
            text = (root / name).read_text()
        except UnicodeDecodeError:
            continue
        findings += [
            f"{name}:{number}: {line.strip()[:80]}"
            for number, line in enumerate(text.splitlines(), start=1)
            if WORKPLACE.search(line)
        ]
    return findings


def index_hosts(root: Path) -> list[Finding]:
    """Package index hosts in files that a clone elsewhere would follow."""
    files = [*root.glob("requirements/*"), *root.glob("pyproject.toml"), *root.glob("Makefile")]
    files += [*root.glob("Dockerfile"), *root.glob(".ci/run"), *root.glob("deploy/**/*.xml")]
    return [
        f"{path.relative_to(root)}: names a package index"
        for path in sorted(files)
        if INDEX_HOST.search(path.read_text())
    ]


def _tracked_text_files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    own = Path(__file__).relative_to(ROOT).as_posix()
    return [n for n in listed.stdout.splitlines() if n != own and (ROOT / n).is_file()]


class TestClock:
    def test_is_read_in_one_place(self) -> None:
        assert clock_reads(ROOT) == []

    @pytest.mark.parametrize(
        "call",
        [
            "dt.datetime.now(dt.UTC)",
            "datetime.now()",
            "dt.date.today()",
            "time.time()",
            "timezone.now()",
        ],
    )
    def test_bites(self, tmp_path: Path, call: str) -> None:
        root = plant(tmp_path, {"ossrep/billing/usecases/x.py": f"def run():\n    return {call}\n"})

        assert len(clock_reads(root)) == 1

    @pytest.mark.parametrize("call", ["time.perf_counter()", "timezone.localtime(row.at)"])
    def test_leaves_counters_and_conversions_alone(self, tmp_path: Path, call: str) -> None:
        root = plant(tmp_path, {"ossrep/billing/usecases/x.py": f"a = {call}\n"})

        assert clock_reads(root) == []


class TestTransactions:
    def test_name_their_alias(self) -> None:
        assert bare_atomics(ROOT) == []

    @pytest.mark.parametrize(
        "text",
        [
            "with transaction.atomic():\n    pass\n",
            "with atomic(using='billing'):\n    pass\n",
            "@transaction.atomic\ndef run(): ...\n",
            "transaction.on_commit(print)\n",
        ],
    )
    def test_bites(self, tmp_path: Path, text: str) -> None:
        root = plant(tmp_path, {"ossrep/billing/usecases/x.py": text})

        assert len(bare_atomics(root)) == 1


class TestPureCode:
    def test_imports_pure_code_only(self) -> None:
        assert impure_imports(ROOT) == []

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("ossrep/rating/x.py", "import pandas\n"),
            ("ossrep/kernel/x.py", "from django.utils import timezone\n"),
            ("ossrep/billing/domain/x.py", "import socket\n"),
            ("ossrep/billing/domain.py", "import random\n"),
        ],
    )
    def test_bites(self, tmp_path: Path, name: str, text: str) -> None:
        assert len(impure_imports(plant(tmp_path, {name: text}))) == 1


class TestDocstrings:
    def test_stand_on_public_functions(self) -> None:
        assert undocumented(ROOT) == []

    @pytest.mark.parametrize(
        "name", ["published/x.py", "billing/usecases/x.py", "billing/queries.py", "infra/x.py"]
    )
    def test_bites(self, tmp_path: Path, name: str) -> None:
        root = plant(tmp_path, {f"ossrep/{name}": "def run(): ...\n\ndef _own(): ...\n"})

        assert undocumented(root) == [f"ossrep/{name}:1: run has no docstring"]


class TestModules:
    def test_have_a_telling_name_and_content(self) -> None:
        assert vague_modules(ROOT) == []

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("ossrep/billing/utils.py", "x = 1\n"),
            ("ossrep/billing/usecases/x.py", '"""Later."""\n'),
        ],
    )
    def test_bites(self, tmp_path: Path, name: str, text: str) -> None:
        assert len(vague_modules(plant(tmp_path, {name: text}))) == 1


class TestReadmes:
    def test_every_context_has_one(self) -> None:
        assert missing_readmes(ROOT) == []

    def test_bites(self, tmp_path: Path) -> None:
        files = {f"ossrep/{c}/README.md": "# it\n" for c in CONTEXTS if c != "meter"}

        assert missing_readmes(plant(tmp_path, files)) == ["ossrep/meter/README.md is missing"]


class TestTheProductSpeaksOfItselfAlone:
    def test_nothing_ties_it_to_a_workplace(self) -> None:
        assert ties_to_a_workplace(ROOT, _tracked_text_files()) == []

    @pytest.mark.parametrize(
        "line", ["see ../shared/design.md", "open('/work/x')", "as issue 4 asks", "fixes issue #12"]
    )
    def test_bites(self, tmp_path: Path, line: str) -> None:
        root = plant(tmp_path, {"docs/x.md": f"one\n{line}\n"})

        assert ties_to_a_workplace(root, ["docs/x.md"]) == [f"docs/x.md:2: {line}"]

    def test_no_file_names_a_package_index(self) -> None:
        assert index_hosts(ROOT) == []

    @pytest.mark.parametrize(
        "line",
        ["--index-url https://example.org/simple", "-i https://pypi.example.org", "--find-links x"],
    )
    def test_bites_on_an_index_host(self, tmp_path: Path, line: str) -> None:
        root = plant(tmp_path, {"requirements/base.txt": f"{line}\nnumpy==1\n"})

        assert index_hosts(root) == ["requirements/base.txt: names a package index"]

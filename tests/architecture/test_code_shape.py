"""Functions fit one screen, files can be read in one go."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

from tests.architecture.trees import ROOT, Finding, plant, sources

FOLDERS = ("ossrep", "config", "bench", "deploy")
LINES_PER_FUNCTION_MEDIAN = 10
LINES_PER_FUNCTION_95TH = 40
LINES_PER_FUNCTION_MAX = 70
LINES_PER_FILE_MAX = 500
LINES_PER_FILE_USUAL = 300
SHARE_OF_LONGER_FILES_MAX = 0.05


def function_lengths(root: Path) -> list[tuple[int, str]]:
    """(lines, place) of every function, from ``def`` to its last line."""
    return [
        (node.end_lineno - node.lineno + 1, f"{path}:{node.lineno} {node.name}")
        for path, tree in sources(root, *FOLDERS)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def long_functions(root: Path) -> list[Finding]:
    """Functions above the limit, and a distribution that leans to long ones."""
    lengths = function_lengths(root)
    findings = [
        f"{place} has {lines} lines, more than {LINES_PER_FUNCTION_MAX}"
        for lines, place in lengths
        if lines > LINES_PER_FUNCTION_MAX
    ]
    if len(lengths) > 1:
        median = statistics.median(lines for lines, _ in lengths)
        if median > LINES_PER_FUNCTION_MEDIAN:
            findings.append(f"the median function has {median} lines")
        percentile = statistics.quantiles((lines for lines, _ in lengths), n=20)[-1]
        if percentile > LINES_PER_FUNCTION_95TH:
            longest = sorted(lengths, reverse=True)[:10]
            findings.append(f"one function in twenty has over {percentile:.0f} lines: {longest}")
    return findings


def long_files(root: Path) -> list[Finding]:
    """Files above the limit, and too many above the usual length."""
    lengths = [
        (len((root / path).read_text().splitlines()), path) for path, _ in sources(root, *FOLDERS)
    ]
    findings = [
        f"{path} has {lines} lines, more than {LINES_PER_FILE_MAX}"
        for lines, path in lengths
        if lines > LINES_PER_FILE_MAX
    ]
    longer = sorted(path for lines, path in lengths if lines > LINES_PER_FILE_USUAL)
    if len(longer) > max(1, SHARE_OF_LONGER_FILES_MAX * len(lengths)):
        findings.append(f"{len(longer)} files have over {LINES_PER_FILE_USUAL} lines: {longer}")
    return findings


class TestFunctions:
    def test_fit_one_screen(self) -> None:
        assert long_functions(ROOT) == []

    def test_bites_on_one_long_function(self, tmp_path: Path) -> None:
        body = "    x = 1\n" * LINES_PER_FUNCTION_MAX
        root = plant(tmp_path, {"ossrep/billing/usecases/long.py": f"def run():\n{body}"})

        assert long_functions(root) == [
            "ossrep/billing/usecases/long.py:1 run has 71 lines, more than 70"
        ]

    def test_bites_on_many_middling_functions(self, tmp_path: Path) -> None:
        text = "".join(f"def run_{n}():\n" + "    x = 1\n" * 45 for n in range(5))
        root = plant(tmp_path, {"ossrep/billing/usecases/middling.py": text})

        findings = long_functions(root)

        assert [finding.split(" has")[0] for finding in findings] == [
            "the median function",
            "one function in twenty",
        ]

    def test_leaves_migrations_alone(self, tmp_path: Path) -> None:
        body = "    x = 1\n" * 200
        root = plant(tmp_path, {"ossrep/billing/migrations/0001_x.py": f"def run():\n{body}"})

        assert long_functions(root) == []


class TestFiles:
    def test_can_be_read_in_one_go(self) -> None:
        assert long_files(ROOT) == []

    def test_bites_on_one_long_file(self, tmp_path: Path) -> None:
        root = plant(tmp_path, {"ossrep/billing/models/all.py": "x = 1\n" * 501})

        assert long_files(root) == ["ossrep/billing/models/all.py has 501 lines, more than 500"]

    def test_bites_on_many_longer_files(self, tmp_path: Path) -> None:
        files = {f"ossrep/billing/models/m{n}.py": "x = 1\n" * 301 for n in range(3)}

        findings = long_files(plant(tmp_path, files))

        assert len(findings) == 1
        assert findings[0].startswith("3 files have over 300 lines")

"""importlinter.ini holds on this tree, and each contract of it turns red on a planted import."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.architecture.trees import ROOT, plant

# contract, the module that breaks it, what it says, and a piece of the complaint
VIOLATIONS = [
    (
        "contexts",
        "ossrep/billing/queries/sneaked.py",
        "from ossrep.customer import models\n",
        "ossrep.billing is not allowed to import ossrep.customer",
    ),
    (
        "house",
        "ossrep/infra/sneaked.py",
        "import ossrep.billing\n",
        "ossrep.infra is not allowed to import ossrep.billing",
    ),
    (
        "house",
        "ossrep/utils/sneaked.py",
        "",
        "utils",
    ),
    (
        "context",
        "ossrep/meter/models/sneaked.py",
        "import ossrep.meter.usecases.planted\n",
        "ossrep.meter.models is not allowed to import ossrep.meter.usecases",
    ),
    ("context", "ossrep/meter/managers/sneaked.py", "", "managers"),
    (
        "pure",
        "ossrep/market/domain/sneaked.py",
        "import django.db\n",
        "ossrep.market.domain is not allowed to import django",
    ),
    (
        "pure",
        "ossrep/kernel/sneaked.py",
        "import psycopg\n",
        "ossrep.kernel is not allowed to import psycopg",
    ),
    (
        "pure",
        "ossrep/rating/sneaked.py",
        "import django.db\n",
        "ossrep.rating is not allowed to import django",
    ),
    (
        "house",
        "ossrep/rating/sneaked.py",
        "import ossrep.published.product\n",
        "ossrep.rating is not allowed to import ossrep.published",
    ),
    (
        "simulator",
        "ossrep/market/simulator/sneaked.py",
        "from ossrep.market.edi import errors\n",
        "ossrep.market.simulator is not allowed to import ossrep.market.edi",
    ),
    (
        "context",
        "ossrep/market/simulator/sneaked.py",
        "from ossrep.market import usecases\n",
        "ossrep.market.simulator is not allowed to import ossrep.market.usecases",
    ),
    (
        "config",
        "ossrep/billing/usecases/sneaked.py",
        "import config.settings\n",
        "ossrep is not allowed to import config",
    ),
    (
        "config",
        "ossrep/billing/usecases/sneaked.py",
        "import tests.factories\n",
        "ossrep is not allowed to import tests",
    ),
    (
        "demo",
        "ossrep/demo/sneaked.py",
        "import ossrep.customer.models\n",
        "ossrep.demo is not allowed to import ossrep.customer",
    ),
]


@pytest.fixture(scope="module")
def copied_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    for name in ("ossrep", "config"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "importlinter.ini", root)
    plant(root, {"ossrep/meter/usecases/planted.py": ""})
    (root / "ossrep/meter/usecases/__init__.py").touch()
    return root


@pytest.fixture
def planted(copied_tree: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Path, str, str]]:
    contract, name, text, complaint = request.param
    before = set(copied_tree.rglob("*"))
    package = Path(name).parent
    plant(copied_tree, {name: text})
    if not (copied_tree / package / "__init__.py").exists():
        plant(copied_tree, {f"{package}/__init__.py": ""})
    yield copied_tree, contract, complaint
    for path in sorted(set(copied_tree.rglob("*")) - before, reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def _lint(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [sys.executable, "-c", code, "--config", "importlinter.ini", "--no-cache", *options],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


class TestImportContracts:
    def test_hold_on_this_tree(self) -> None:
        result = _lint(ROOT)

        assert result.returncode == 0, result.stdout

    @pytest.mark.parametrize(
        "planted",
        VIOLATIONS,
        indirect=True,
        ids=[f"{v[0]}-{v[1].split('/')[1]}" for v in VIOLATIONS],
    )
    def test_turn_red_on_a_planted_import(self, planted: tuple[Path, str, str]) -> None:
        root, contract, complaint = planted

        result = _lint(root, "--contract", contract)

        assert result.returncode == 1
        assert complaint in result.stdout

    def test_every_contract_is_shown_to_bite(self) -> None:
        config = ConfigParser()
        config.read(ROOT / "importlinter.ini")
        contracts = {s.rsplit(":", 1)[1] for s in config.sections() if ":contract:" in s}

        assert contracts == {violation[0] for violation in VIOLATIONS}

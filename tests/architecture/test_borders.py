"""Ways around a border that imports do not show: strings, SQL, other aliases, foreign keys."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import router

from tests.architecture.trees import (
    CONTEXTS,
    ROOT,
    Finding,
    context_of,
    dotted,
    plant,
    sources,
    strings,
)

SCHEMAS = (*CONTEXTS, "platform", "public")
RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField", "ParentalKey"}
FOREIGN_LABELS = {"auth", "admin", "contenttypes", "sessions", "infra"}
SCHEMA_IN_SQL = re.compile(
    r"\b(?:from|join|into|update|table|only|references|truncate|delete\s+from|function|execute|call)"
    rf"""\s+"?(?P<schema>{"|".join(SCHEMAS)})"?\."?\w+""",
    re.IGNORECASE,
)


def string_relations(root: Path) -> list[Finding]:
    """Relations, ``get_model`` and import paths that name another context by string."""
    findings = []
    for path, tree in sources(root, "ossrep", migrations=True):
        own = context_of(path)
        if own is None:
            continue
        others = (set(CONTEXTS) | FOREIGN_LABELS) - {own}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = dotted(node.func).rsplit(".", 1)[-1]
            values = [*node.args, *(k.value for k in node.keywords)]
            texts = [v.value for v in values if isinstance(v, ast.Constant)]
            labels = {str(text).split(".", 1)[0] for text in texts[:2]}
            is_user = any(dotted(v).endswith("AUTH_USER_MODEL") for v in values)
            if name in RELATIONS and (labels & others or is_user):
                findings.append(f"{path}:{node.lineno}: relation to another schema")
            if name == "get_model" and labels & others:
                findings.append(f"{path}:{node.lineno}: get_model of another context")
        findings += [
            f"{path}:{line}: import path of context {text.split('.')[1]} as a string"
            for line, text in strings(tree)
            if text.startswith("ossrep.") and text.split(".")[1] in set(CONTEXTS) - {own}
        ]
    return findings


def foreign_sql(root: Path) -> list[Finding]:
    """SQL of a context that names a schema, its own included, or changes search path or role."""
    findings = []
    for path, tree in sources(root, *(f"ossrep/{c}" for c in CONTEXTS), migrations=True):
        for line, text in strings(tree):
            found = SCHEMA_IN_SQL.search(text)
            if found:
                findings.append(f"{path}:{line}: SQL names schema {found['schema']}")
            if _leaves_its_schema(text, {str(context_of(path)), "pg_temp", "pg_catalog"}):
                findings.append(f"{path}:{line}: SQL changes search_path or role")
    return findings


def _leaves_its_schema(text: str, allowed: set[str]) -> bool:
    """Sets the role, or a search path other than the own one (which definer functions need)."""
    paths = re.findall(
        r"\bset\s+(?:local\s+|session\s+)?search_path\s*(?:=|to)\s*([\w\", ]*)", text, re.I
    )
    named = {part.strip(' "').split(" ")[0] for path in paths for part in path.split(",")}
    sets_role = re.search(r"\bset\s+(?:local\s+|session\s+)?role\b", text, re.I)
    return bool(sets_role or named - allowed)


def foreign_aliases(root: Path) -> list[Finding]:
    """A context that opens the connection of another alias."""
    findings = []
    for path, tree in sources(root, *(f"ossrep/{c}" for c in CONTEXTS), migrations=True):
        others = {*CONTEXTS, "default"} - {context_of(path)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and dotted(node.value).endswith("connections"):
                named = [node.slice]
            elif isinstance(node, ast.Call):
                is_using = dotted(node.func).endswith(".using")
                named = [k.value for k in node.keywords if k.arg in {"using", "context", "alias"}]
                named += node.args[:1] if is_using else []
            else:
                continue
            findings += [
                f"{path}:{node.lineno}: uses alias {value.value}"
                for value in named
                if isinstance(value, ast.Constant) and value.value in others
            ]
    return findings


class TestStringRelations:
    def test_none_on_this_tree(self) -> None:
        assert string_relations(ROOT) == []

    @pytest.mark.parametrize(
        "text",
        [
            "account = models.ForeignKey('customer.Account', models.CASCADE)",
            "account = models.ForeignKey(to='customer.account', on_delete=1)",
            "user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)",
            "Account = apps.get_model('customer', 'Account')",
            "Account = apps.get_model('customer.Account')",
            "service = import_string('ossrep.customer.service.CustomerService')",
        ],
    )
    def test_bite(self, tmp_path: Path, text: str) -> None:
        root = plant(tmp_path, {"ossrep/billing/models/invoice.py": text + "\n"})

        findings = string_relations(root)

        assert len(findings) == 1
        assert findings[0].startswith("ossrep/billing/models/invoice.py:1: ")

    def test_leave_a_context_its_own(self, tmp_path: Path) -> None:
        text = "invoice = models.ForeignKey('billing.Invoice', models.CASCADE)\n"
        root = plant(tmp_path, {"ossrep/billing/models/line.py": text})

        assert string_relations(root) == []


class TestRelationsOfTheModels:
    def test_stay_in_their_own_schema(self) -> None:
        crossing = [
            f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
            for model in apps.get_models(include_auto_created=True)
            for field in model._meta.get_fields()
            if field.is_relation
            and field.related_model
            and router.db_for_read(model) != router.db_for_read(field.related_model)
        ]

        assert crossing == []


class TestForeignSql:
    def test_none_on_this_tree(self) -> None:
        assert foreign_sql(ROOT) == []

    @pytest.mark.parametrize(
        "text",
        [
            'QUERY = "SELECT * FROM customer.account WHERE id = %s"',
            'QUERY = f"SELECT {x} FROM line JOIN product.plan USING (id)"',
            'QUERY = \'INSERT INTO "meter"."interval_day" VALUES (1)\'',
            'QUERY = """\n    UPDATE market.tdsp\n    SET name = 1"""',
            'QUERY = "SET search_path = customer"',
            'QUERY = "SET LOCAL ROLE customer"',
        ],
    )
    def test_bites(self, tmp_path: Path, text: str) -> None:
        root = plant(tmp_path, {"ossrep/billing/queries/sneaked.py": text + "\n"})

        assert len(foreign_sql(root)) == 1

    def test_leaves_event_types_and_prose_alone(self, tmp_path: Path) -> None:
        text = 'A = "customer.account-opened.v1"\nB = "the account comes from customer. It ..."\n'
        root = plant(tmp_path, {"ossrep/billing/consumers.py": text})

        assert foreign_sql(root) == []


class TestForeignAliases:
    def test_none_on_this_tree(self) -> None:
        assert foreign_aliases(ROOT) == []

    @pytest.mark.parametrize(
        "text",
        [
            "cursor = connections['customer'].cursor()",
            "rows = User.objects.using('default').all()",
            "database.transaction(alias='meter')",
            "append_many(context='customer', events=[])",
        ],
    )
    def test_bite(self, tmp_path: Path, text: str) -> None:
        root = plant(tmp_path, {"ossrep/billing/usecases/sneaked.py": text + "\n"})

        assert len(foreign_aliases(root)) == 1

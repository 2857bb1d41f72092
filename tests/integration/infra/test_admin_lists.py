"""Every list page of the admin: it opens, and more rows cost no more queries."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connections
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ossrep.infra import database
from tests.factories.admin_rows import clear_tables, fill_tables

# In one process, so that the tables are filled once.
pytestmark = pytest.mark.xdist_group("admin_lists")
FEW, MANY = 5, 25
PAGES = sorted(admin.site._registry, key=lambda model: model._meta.label)

Counts = Mapping[type[Model], tuple[int, int]]


@pytest.fixture(scope="module")
def counts(module_database: str) -> Counts:
    """How many queries each list takes with few rows in all tables, and with many."""
    client = Client()
    client.force_login(User.objects.create_superuser("ada", password="x"))
    entry = connections["default"].settings_dict
    with database.superuser_connection(entry, dbname=module_database) as server:
        clear_tables(server)
        fill_tables(server, first=1, last=FEW)
        client.get("/admin/")
        few = {model: _queries(client, model) for model in PAGES}
        fill_tables(server, first=FEW + 1, last=MANY)
        many = {model: _queries(client, model) for model in PAGES}
    return {model: (few[model], many[model]) for model in PAGES}


def _queries(client: Client, model: type[Model]) -> int:
    meta = model._meta
    contexts = [CaptureQueriesContext(connections[alias]) for alias in database.ALIASES]
    for context in contexts:
        context.__enter__()
    page = client.get(f"/admin/{meta.app_label}/{meta.model_name}/")
    for context in contexts:
        context.__exit__(None, None, None)
    assert page.status_code == 200
    return sum(len(context) for context in contexts)


class TestEveryList:
    @pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
    def test_costs_as_many_queries_for_many_rows_as_for_few(
        self, model: type[Model], counts: Counts
    ) -> None:
        few, many = counts[model]

        assert many == few

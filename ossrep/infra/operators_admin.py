"""The admin as an app: Django's own, with the operators' site in the place of the default one."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class OperatorsAdminConfig(AdminConfig):
    """Finds each context's pages; ``admin.site`` is an ``OperatorsSite``."""

    default = False
    default_site = "ossrep.infra.operators_site.OperatorsSite"

"""Django's settings, from ``config.env``."""

from __future__ import annotations

import pghistory
from corsheaders.defaults import default_headers
from pydantic_settings import BaseSettings

from config.env import BASE_DIR as BASE_DIR
from config.env import ENV, Environment
from ossrep.infra import database, logs, mail, secrets

DEBUG = ENV.debug
SECRET_KEY = ENV.secret_key or secrets.kept_secret(path=ENV.var_dir / "secret_key")
ALLOWED_HOSTS = ENV.allowed_hosts
VAR_DIR = ENV.var_dir

INSTALLED_APPS = [
    "ossrep.infra",
    *[f"ossrep.{context}" for context in ENV.contexts],
    # The demo plays all contexts by their commands.
    *(["ossrep.demo"] if set(ENV.contexts) == set(database.CONTEXTS) else []),
    "ossrep.infra.operators_admin.OperatorsAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_structlog",
    "rest_framework",
    "drf_spectacular",
    "corsheaders",
    "ossrep.infra.oidc.apps.LibraryConfig",
    "ossrep.infra.oidc.apps.OidcConfig",
    "pghistory",
    "pgtrigger",
]

MIDDLEWARE = [
    "ossrep.infra.web.headers.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "ossrep.infra.web.api_path.ApiPathMiddleware",
    # From here to the request log: for pages only.
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ossrep.infra.staff.session.StaffSessionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "ossrep.infra.web.request_log.RequestLogMiddleware",
    "ossrep.infra.audit.HistoryMiddleware",
    "ossrep.infra.web.addresses.InternalAddressMiddleware",
]

ROOT_URLCONF = {
    "all": "config.urls",
    "external": "config.urls_external",
    "internal": "config.urls_internal",
}[ENV.surface]
WSGI_APPLICATION = "config.wsgi.application"
WSGI_TARGET = "config.wsgi:application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = database.settings_for(
    var_dir=ENV.var_dir,
    name=ENV.database_name,
    url=ENV.database_url,
    context_urls={
        context: getattr(ENV, f"database_url_{context}") for context in database.CONTEXTS
    },
    contexts=ENV.contexts,
)
DATABASE_ROUTERS = ["ossrep.infra.database.ContextRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Each context has tables of the same name in its own schema (outbox_event, ...).
SILENCED_SYSTEM_CHECKS = ["models.W035"]

# The history tables live in each context's own schema, so nothing may point at another one.
PGTRIGGER_SCHEMA = None
# What only reads changes no record, and needs no word of who asked.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
PGHISTORY_CONTEXT_ID_FIELD = pghistory.ContextUUIDField()
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(db_constraint=False)

OSSREP_CONTEXTS = ENV.contexts
_SERVICES = {
    "customer": "ossrep.customer.service.CustomerService",
    "product": "ossrep.product.service.ProductService",
    "meter": "ossrep.meter.service.MeterService",
    "market": "ossrep.market.service.MarketService",
    "billing": "ossrep.billing.service.BillingService",
}
OSSREP_SERVICES = {
    **{context: path for context, path in _SERVICES.items() if context in ENV.contexts},
    **ENV.services,
}
OSSREP_SERVICE_TOKEN_URL = ENV.service_token_url
OSSREP_SERVICE_CLIENT_ID = ENV.service_client_id
OSSREP_SERVICE_CLIENT_SECRET = ENV.service_client_secret
OSSREP_SERVICE_SCOPE = ENV.service_scope
OSSREP_SERVICE_SECONDS_MAX = ENV.service_seconds_max
OSSREP_KAFKA_BOOTSTRAP = ENV.kafka_bootstrap
# Events that leave on a topic of their own, by context: consumers outside know it by this name.
OSSREP_EVENT_TOPICS = {
    "market": {
        f"SERVICE_POINT_{change}": "service-point-events"
        for change in ("CREATED", "UPDATED", "DELETED")
    }
}
OSSREP_SAMPLES = ENV.samples
OSSREP_MARKET_ENVIRONMENT = ENV.market_environment
OSSREP_ERCOT_REPORTS_URL = ENV.ercot_reports_url
OSSREP_ENVIRONMENT: type[BaseSettings] = Environment

OSSREP_OIDC_ISSUER = ENV.oidc_issuer
OSSREP_OIDC_AUDIENCE = ENV.oidc_audience
OSSREP_OIDC_SEALING_KEY = ENV.oidc_sealing_key
OSSREP_STAFF_ISSUER = ENV.staff_issuer
OSSREP_STAFF_CLIENT_ID = ENV.staff_client_id
OSSREP_STAFF_CLIENT_SECRET = ENV.staff_client_secret
OSSREP_LOCAL_PASSWORDS = ENV.local_passwords
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "ossrep.infra.staff.backend.StaffBackend",
]
_EMBEDDED_ISSUER = {
    "issuer": ENV.oidc_issuer,
    "audience": ENV.oidc_audience,
    "jwks": "ossrep.infra.oidc.keys.public_keys",
    "roles": ["customer", "csr", "billing", "market", "product", "admin", "service"],
}
OSSREP_ISSUERS = [*([_EMBEDDED_ISSUER] if ENV.oidc_issuer else []), *ENV.issuers]
OSSREP_ROLE_MATRIX = BASE_DIR / "config/role_matrix.yaml"
OSSREP_TRUSTED_PROXIES = ENV.trusted_proxies
OSSREP_INTERNAL_ADDRESSES = ENV.internal_addresses
OSSREP_CALLS_PER_MINUTE_ADDRESS = ENV.calls_per_minute_address
OSSREP_CALLS_PER_MINUTE_CLIENT = ENV.calls_per_minute_client

SECURE_SSL_REDIRECT = ENV.https
SECURE_HSTS_SECONDS = 31_536_000 if ENV.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ENV.https
SECURE_HSTS_PRELOAD = ENV.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.trusted_proxies else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.https
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"

# Bearer tokens, never cookies, so no credentials; the portals' origins only.
CORS_ALLOWED_ORIGINS = ENV.cors_origins or [ENV.portal_url]
CORS_URLS_REGEX = r"^/(api/|oidc/(\.well-known/openid-configuration|jwks|token|revoke|userinfo)$)"
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "if-match", "if-none-match"]
CORS_EXPOSE_HEADERS = ["ETag", "Retry-After", "Idempotency-Replayed"]

REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "ossrep.infra.web.problems.handle_exception",
    # Nothing is let in by accident: every view is one of infra.web.views.
    "DEFAULT_AUTHENTICATION_CLASSES": ["ossrep.infra.auth.rest.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["ossrep.infra.auth.rest.MatrixPermission"],
    "DEFAULT_RENDERER_CLASSES": ["ossrep.infra.web.json_bodies.CamelJsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["ossrep.infra.web.json_bodies.CamelJsonParser"],
    "DEFAULT_SCHEMA_CLASS": "ossrep.infra.web.schema.ApiSchema",
    "UNAUTHENTICATED_USER": None,
    "STRICT_JSON": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "OSSREP",
    "DESCRIPTION": "Retail electricity in Texas. Money is a decimal string, but for the "
    "customer portal's own four calls; dates are ISO 8601; errors are RFC 9457 problems.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    # Fields of the published shapes that share the name "status".
    "ENUM_NAME_OVERRIDES": {
        "AccountStatus": ["PENDING", "ACTIVE", "INACTIVE"],
        "ContractStatus": ["PENDING", "ACTIVE", "EXPIRED", "CANCELLED", "RENEWED"],
        "MeterStatus": ["AVAILABLE", "ACTIVE", "INACTIVE"],
        "PlanStatus": ["ACTIVE", "INACTIVE", "ARCHIVED"],
        "BillStatusEnum": ["pending", "unpaid", "overdue", "paid", "reversed"],
        "YesNoEnum": ["Y", "N"],
        "RunKind": "ossrep.billing.models.runs.RunKind",
        "RunState": "ossrep.billing.models.runs.RunState",
        "RunItemState": "ossrep.billing.models.runs.ItemState",
        "EnrollmentKind": "ossrep.customer.domain.enrollment_life.KINDS",
        "OnlineEnrollmentState": "ossrep.customer.domain.online_enrollment.STATES",
        "ServicePointStatus": "ossrep.market.domain.service_points.STATUSES",
        "WorkItemState": "ossrep.market.models.work_items.WorkItemState",
        "QuarantineState": "ossrep.meter.rest.internal_quarantine.QUARANTINE_STATES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "ossrep.infra.web.schema.finish_document",
    ],
}

OSSREP_SITE_NAME = ENV.site_name
OSSREP_PORTAL_URL = ENV.portal_url
DEFAULT_FROM_EMAIL = ENV.email_from
OSSREP_HAS_EMAIL_URL = bool(ENV.email_url)
globals().update(mail.settings_for(url=ENV.email_url, var_dir=ENV.var_dir))

# Tasks are wake-ups with ids in them: safe to run twice, acknowledged when done.
CELERY_BROKER_URL = ENV.broker_url
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 6 * 3600}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

LANGUAGE_CODE = "en-us"
TIME_ZONE = "America/Chicago"
USE_TZ = True
STATIC_URL = "static/"
# Static files are served out of the installed packages; nothing has to be collected first.
WHITENOISE_USE_FINDERS = True
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGGING = logs.settings_for(log_format=ENV.log_format, level=ENV.log_level)

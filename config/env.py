"""Every environment variable the product reads: typed, with one list of errors at start."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent


class Environment(BaseSettings):
    """Variables start with ``OSSREP_``; ``docs/settings.md`` is generated from this class."""

    model_config = SettingsConfigDict(env_prefix="OSSREP_", frozen=True)

    debug: bool = Field(default=False, description="Django's debug pages; never in production.")
    secret_key: str = Field(
        default="",
        description="Signs sessions. Empty: one is generated and kept in the data folder.",
    )
    allowed_hosts: list[str] = Field(
        default=["localhost", "127.0.0.1"],
        description="Host names the web server answers to (JSON list).",
    )
    var_dir: Path = Field(
        default=BASE_DIR / "var",
        description="Everything that is written: database, files, secrets.",
    )
    contexts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("customer", "product", "meter", "market", "billing"),
        description="Contexts that run in this process, separated by commas; the others are "
        "called at the addresses of OSSREP_SERVICES (see `docs/operations/split.md`).",
    )
    database_url: str | None = Field(
        default=None,
        description="postgresql://user:password@host:port/name of a real server. "
        "Empty: the embedded server in the data folder.",
    )
    database_url_customer: str | None = Field(
        default=None, description="Own login of context customer."
    )
    database_url_product: str | None = Field(
        default=None, description="Own login of context product."
    )
    database_url_meter: str | None = Field(default=None, description="Own login of context meter.")
    database_url_market: str | None = Field(
        default=None, description="Own login of context market."
    )
    database_url_billing: str | None = Field(
        default=None, description="Own login of context billing."
    )
    database_name: str = Field(default="ossrep", description="Database on the embedded server.")
    kafka_bootstrap: str | None = Field(
        default=None, description="host:port of Kafka. Empty: events are delivered in process."
    )
    broker_url: str | None = Field(
        default=None, description="redis:// URL of Celery's broker. Empty: local worker processes."
    )
    surface: Literal["external", "internal", "all"] = Field(
        default="all",
        description="What this process answers: external (portals, the public), internal "
        "(operators, other services) or both.",
    )
    https: bool = Field(
        default=False,
        description="Browsers reach this installation by https only: secure cookies, HSTS, and "
        "http is sent on to https. Always true in production.",
    )
    cors_origins: list[str] = Field(
        default=[],
        description="Origins of portals whose pages may call the external surface (JSON list). "
        "Empty: that of OSSREP_PORTAL_URL.",
    )
    trusted_proxies: list[str] = Field(
        default=[],
        description="Networks of our own proxies (JSON list); only their X-Forwarded-For and "
        "X-Forwarded-Proto count.",
    )
    internal_addresses: list[str] = Field(
        default=[
            "127.0.0.0/8",
            "::1/128",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "fc00::/7",
        ],
        description="Networks that may call the internal surface, the admin included (JSON list).",
    )
    calls_per_minute_address: int = Field(
        default=1200, description="Calls of the external surface from one address; 0: no limit."
    )
    calls_per_minute_client: int = Field(
        default=600, description="Calls of the external surface by one login; 0: no limit."
    )
    issuers: list[dict[str, Any]] = Field(
        default=[],
        description="Whose access tokens are accepted (JSON list; see `docs/api/tokens.md`).",
    )
    oidc_issuer: str = Field(
        default="http://localhost:8000/oidc",
        pattern=r"^(https?://[^/?#]+/oidc)?$",
        description="Address of the embedded OpenID provider as browsers reach it, ending in "
        "/oidc; its tokens are accepted. Empty: there is none, only those of OSSREP_ISSUERS.",
    )
    oidc_audience: str = Field(
        default="ossrep-api",
        min_length=1,
        description="Audience of the embedded provider's access tokens.",
    )
    oidc_sealing_key: str = Field(
        default="",
        description="Seals the provider's private keys in the database. Empty: one is generated "
        "and kept in the data folder; every process needs the same.",
    )
    site_name: str = Field(
        default="OSSREP",
        min_length=1,
        description="The name on the sign-in pages and in messages to customers.",
    )
    portal_url: str = Field(
        default="http://localhost:4200",
        pattern=r"^https?://[^/?#]+$",
        description="Where customers find their portal; invitations lead there.",
    )
    email_url: str = Field(
        default="",
        description="How messages to people are sent: smtp://, smtps:// or "
        "smtp+tls://user:password@host:port, console: or file:///path. "
        "Empty: files in the data folder (var/mail).",
    )
    email_from: str = Field(
        default="no-reply@localhost", description="Sender of messages to people."
    )
    staff_issuer: str = Field(
        default="",
        description="Where staff sign in to the admin: the embedded provider's address or an "
        "issuer of OSSREP_ISSUERS. Empty: with local passwords only.",
    )
    staff_client_id: str = Field(
        default="ossrep-admin", min_length=1, description="The admin's client id there."
    )
    staff_client_secret: str = Field(
        default="", description="The client's secret; empty for a public client."
    )
    local_passwords: bool = Field(
        default=True,
        description="Whether the admin takes local passwords. False needs OSSREP_STAFF_ISSUER.",
    )
    services: dict[str, str] = Field(
        default={},
        description="Other implementations of published services (JSON): context to import path, "
        "or to the address of the process where that context runs.",
    )
    service_token_url: str = Field(
        default="",
        description="Token endpoint where this process gets its token for calling others.",
    )
    service_client_id: str = Field(default="", description="This process's client there.")
    service_client_secret: str = Field(default="", description="Its secret.")
    service_scope: str = Field(default="", description="Scope to ask for; empty: the client's.")
    service_seconds_max: float = Field(
        default=60.0, gt=0, description="How long a call of another process may take."
    )
    samples: Path | None = Field(
        default=None,
        description="Folder of original market files; tests on them run only where it is set.",
    )
    market_environment: Literal["production", "test"] = Field(
        default="production",
        description="What this installation is to the market. In production an interchange that "
        "is marked as test (ISA15 T) is refused; a test installation marks all that it sends so.",
    )
    ercot_reports_url: str = Field(
        default="https://www.ercot.com",
        pattern=r"^https?://[^?#]+$",
        description="Where `market import-esiids --fetch` asks for ERCOT's public documents.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text",
        description="Format of the log lines; json: one object a line, requests included.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="WARNING", description="From which level on lines are logged."
    )

    @field_validator("contexts", mode="before")
    @classmethod
    def _split_contexts(cls, value: Any) -> Any:
        """Known names in their fixed order, none twice."""
        known = cls.model_fields["contexts"].default
        names = value.replace(",", " ").split() if isinstance(value, str) else value
        if not names or set(names) - set(known):
            raise ValueError(f"one or more of {', '.join(known)}")
        return tuple(name for name in known if name in names)

    @model_validator(mode="after")
    def _somebody_can_sign_in(self) -> Environment:
        if not self.local_passwords and not self.staff_issuer:
            raise ValueError("false, and OSSREP_STAFF_ISSUER names no other way in")
        return self


def read_environment() -> Environment:
    """The process's environment; on errors prints all of them and exits with status 2."""
    try:
        return Environment()
    except ValidationError as error:
        print("The environment does not fit; mend these variables:", file=sys.stderr)
        for problem in error.errors():
            named = [str(part).upper() for part in problem["loc"]] or ["LOCAL_PASSWORDS"]
            told = problem["msg"].removeprefix("Value error, ")
            print(f"  OSSREP_{'_'.join(named)}: {told}", file=sys.stderr)
        raise SystemExit(2) from None


ENV = read_environment()

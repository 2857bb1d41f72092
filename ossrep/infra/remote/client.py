"""A published service that runs in another process, called like one that runs in this one."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Any

import httpx
from django.conf import settings

from ossrep.infra.remote.codec import BadValue, reader
from ossrep.infra.remote.errors import CallRefused, ServiceFailed, ServiceUnavailable, refusal
from ossrep.infra.remote.methods import Method, methods_of
from ossrep.infra.remote.tokens import ServiceClient, ServiceTokens

TRIES_MAX = 3
PAUSE_FIRST_SECONDS = 0.2
CONNECT_SECONDS = 3.0
CONNECTIONS_MAX = 20
# Answers of a gateway whose server is away; the call was not worked on, or only read.
_AWAY = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}


class RemoteService:
    """Stands for a Protocol; each method is one POST to ``/api/v1/services/<context>/<method>``.

    Raises what the method raises there (as the class of the same code, else RemoteDomainError),
    CallRefused for a call that the other side does not take, ServiceUnavailable when it does not
    answer: reads are tried ``TRIES_MAX`` times before that.
    """

    def __init__(
        self,
        *,
        protocol: type[Any],
        base_url: str,
        http: httpx.Client,
        tokens: ServiceTokens | None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.context: str = protocol.context
        self._methods = methods_of(protocol)
        self._base_url = f"{base_url.rstrip('/')}/api/v1/services/{self.context}"
        self._http = http
        self._tokens = tokens
        self._sleep = sleep

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = self._methods.get(name) if not name.startswith("_") else None
        if method is None:
            raise AttributeError(f"the published service has no {name!r}")
        return partial(self._call, method)

    def _call(self, method: Method, **arguments: Any) -> Any:
        body = json.dumps(method.body(arguments), separators=(",", ":")).encode()
        answer = self._answer(method, f"{self._base_url}/{method.name}", body)
        where = f"{self.context}.{method.name}"
        if answer.status_code != HTTPStatus.OK:
            raise _error(answer, where)
        try:
            return reader(method.answer, is_strict=False)(json.loads(answer.content)["answer"])
        except (BadValue, ValueError, KeyError, TypeError) as error:
            raise CallRefused(f"the answer does not fit: {error}", where=where) from error

    def _answer(self, method: Method, url: str, body: bytes) -> httpx.Response:
        tries = TRIES_MAX if method.is_read else 1
        is_renewed = False
        problem = ""
        while tries:
            try:
                token = self._tokens.get() if self._tokens else ""
                answer = self._post(url, body, token)
            except httpx.TransportError as error:
                problem = f"{type(error).__name__} {error}".strip()
            else:
                if answer.status_code == HTTPStatus.UNAUTHORIZED and token and not is_renewed:
                    assert self._tokens is not None
                    self._tokens.forget(token)
                    is_renewed = True
                    continue
                if answer.status_code not in _AWAY:
                    return answer
                problem = f"status {answer.status_code}"
            tries -= 1
            if tries:
                pause = PAUSE_FIRST_SECONDS * 2 ** (TRIES_MAX - tries)
                self._sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
        raise ServiceUnavailable(f"{url}: {problem}")

    def _post(self, url: str, body: bytes, token: str) -> httpx.Response:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self._http.post(url, content=body, headers=headers)


def _error(answer: httpx.Response, where: str) -> Exception:
    try:
        problem = answer.json()
        code, detail = str(problem["code"]), str(problem["detail"])
    except (ValueError, KeyError, TypeError):
        problem, code, detail = {}, "", f"status {answer.status_code}"
    if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY and code:
        return refusal(code=code, message=detail, where=problem.get("where"))
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServiceFailed(f"{where}: {detail}")
    place = f"{where}: {problem['where']}" if "where" in problem else where
    return CallRefused(f"{code}: {detail}" if code else detail, where=place)


def remote_service(*, protocol: type[Any], base_url: str) -> RemoteService:
    """The service at an address, with this process's token and its connections."""
    pid = os.getpid()
    return RemoteService(protocol=protocol, base_url=base_url, http=_http(pid), tokens=_tokens(pid))


@lru_cache(maxsize=1)
def _http(pid: int) -> httpx.Client:
    """One pool for a process: connections do not survive a fork."""
    return httpx.Client(
        timeout=httpx.Timeout(settings.OSSREP_SERVICE_SECONDS_MAX, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_connections=CONNECTIONS_MAX),
        follow_redirects=False,
    )


@lru_cache(maxsize=1)
def _tokens(pid: int) -> ServiceTokens | None:
    if not settings.OSSREP_SERVICE_TOKEN_URL:
        return None
    client = ServiceClient(
        token_url=settings.OSSREP_SERVICE_TOKEN_URL,
        client_id=settings.OSSREP_SERVICE_CLIENT_ID,
        secret=settings.OSSREP_SERVICE_CLIENT_SECRET,
        scope=settings.OSSREP_SERVICE_SCOPE,
    )
    return ServiceTokens(client=client, http=_http(pid))

"""What a published Protocol offers: its methods, their arguments and answers."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast, get_type_hints

from ossrep.infra.remote.codec import BadValue, NotOverHttp, UnknownField, reader, writer
from ossrep.infra.web.json_bodies import camel

# What only reads may be asked again when the answer is lost.
_READS = ("get_", "list_", "find_", "read_", "search_", "check_")


@dataclass(frozen=True, slots=True)
class Method:
    """One method: how its arguments and its answer are written and read."""

    context: str
    name: str
    arguments: Mapping[str, Any]
    optional: frozenset[str]
    answer: Any

    @property
    def is_read(self) -> bool:
        """True for a call that changes nothing."""
        return self.name.startswith(_READS)

    def body(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON-ready body of a call. Raises NotOverHttp for a path of a file."""
        if unknown := arguments.keys() - self.arguments.keys():
            raise TypeError(f"{self.context}.{self.name} has no argument {min(unknown)!r}")
        if missing := self.arguments.keys() - arguments.keys() - self.optional:
            raise TypeError(f"{self.context}.{self.name} needs {min(missing)!r}")
        found = {}
        for name, value in arguments.items():
            try:
                found[camel(name)] = writer(self.arguments[name])(value)
            except NotOverHttp as error:
                where = f"{self.context}.{self.name}({name})"
                raise NotOverHttp(error.message, where=where) from error
        return found

    def read_body(self, body: Any) -> dict[str, Any]:
        """The arguments of a call. Raises BadValue, UnknownField or NotOverHttp with the place."""
        if not isinstance(body, dict):
            raise BadValue("the body must be an object with the method's arguments")
        shown = {camel(name): name for name in self.arguments}
        if unknown := body.keys() - shown.keys():
            raise UnknownField("the method has no such argument", where=min(unknown))
        needed = {camel(name) for name in self.arguments.keys() - self.optional}
        if missing := needed - body.keys():
            raise BadValue("the argument is missing", where=min(missing))
        return {shown[name]: self._read(name, shown[name], value) for name, value in body.items()}

    def _read(self, place: str, name: str, value: Any) -> Any:
        try:
            return reader(self.arguments[name], is_strict=True)(value)
        except BadValue as error:
            raise error.inside(place) from error
        except NotOverHttp as error:
            raise NotOverHttp(error.message, where=place) from error


def protocol_of(context: str) -> type[Any]:
    """The Protocol that a context publishes: ``BillingService`` of ``ossrep.published.billing``."""
    module = importlib.import_module(f"ossrep.published.{context}")
    found: type[Any] = getattr(module, f"{context.capitalize()}Service")
    return found


def methods_of(protocol: type[Any]) -> Mapping[str, Method]:
    """Its methods by name."""
    return _methods_of(cast(Hashable, protocol))


@cache
def _methods_of(protocol: Any) -> Mapping[str, Method]:
    return {
        name: _method(protocol, name, function)
        for name, function in inspect.getmembers(protocol, inspect.isfunction)
        if not name.startswith("_")
    }


def _method(protocol: Any, name: str, function: Callable[..., Any]) -> Method:
    hints = get_type_hints(function)
    parameters = inspect.signature(function).parameters
    return Method(
        context=protocol.context,
        name=name,
        arguments={each: hints[each] for each in parameters if each != "self"},
        optional=frozenset(
            each for each, p in parameters.items() if p.default is not inspect.Parameter.empty
        ),
        answer=hints["return"],
    )

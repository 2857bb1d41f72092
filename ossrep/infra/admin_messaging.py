"""A context's outbox and parked events in the admin: to be read, tried again, let go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from ossrep.infra import audit
from ossrep.infra.inbox import find_consumers
from ossrep.infra.inbox.parking import unpark
from ossrep.infra.outbox import keeping
from ossrep.infra.record_admin import ReadOnlyAdmin
from ossrep.kernel.errors import DomainError


def register(context: str) -> None:
    """Registers the outbox and parked events of a context; a second call changes nothing."""
    pages = {"OutboxEvent": OutboxEventAdmin, "InboxParked": InboxParkedAdmin}
    for name, page in pages.items():
        model = apps.get_model(context, name)
        if not admin.site.is_registered(model):
            admin.site.register(model, page)


class _Mendable(ReadOnlyAdmin):
    """Read-only records with actions for those who may mend messages."""

    def has_mend_permission(self, request: HttpRequest) -> bool:
        meta = self.opts
        user = request.user
        return user.has_perm(f"{meta.app_label}.change_{meta.model_name}")

    def _for_each(
        self, request: HttpRequest, rows: list[Any], act: Callable[[Any], str | None]
    ) -> None:
        """Acts on each row and tells the outcome of each as a message."""
        for row in rows:
            try:
                told = act(row)
            except DomainError as error:
                self.message_user(request, str(error), messages.ERROR)
            else:
                if told:
                    self.message_user(request, told, messages.SUCCESS)


class StateFilter(admin.SimpleListFilter):
    """Where an event is on its way."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("waiting", "waiting"),
            ("failing", "failing"),
            ("quarantined", "quarantined"),
            ("published", "published"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen: dict[str, dict[str, Any]] = {
            "waiting": {"published_at__isnull": True},
            "failing": {"published_at__isnull": True, "attempts__gt": 0},
            "quarantined": {"quarantined_at__isnull": False},
            "published": {"published_at__isnull": False},
        }
        return queryset.filter(**chosen.get(self.value() or "", {}))


class OutboxEventAdmin(_Mendable):
    """What a context told others, with what became of it."""

    called = ("event told", "events told")
    menu_place = 91
    list_display = ["created_at", "event_type", "aggregate", "seq", "state", "last_error"]
    list_filter = [StateFilter, "event_type"]
    search_fields = ["=aggregate_id", "=event_id"]
    ordering = ["-id"]
    show_full_result_count = False
    actions = ["retry_quarantined", "publish_anew"]

    @admin.display(description="aggregate", ordering="aggregate_id")
    def aggregate(self, event: Any) -> str:
        return f"{event.aggregate_type}:{event.aggregate_id}"

    @admin.display(description="state")
    def state(self, event: Any) -> str:
        if event.published_at:
            return f"published {event.published_at:%Y-%m-%d %H:%M:%S}Z"
        if event.quarantined_at:
            return f"quarantined after {event.attempts} tries"
        return f"failing, {event.attempts} tries" if event.attempts else "waiting"

    @admin.action(description="Try quarantined events again", permissions=["mend"])
    def retry_quarantined(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        count = keeping.retry_quarantined(
            context=self.opts.app_label, row_ids=list(queryset.values_list("pk", flat=True))
        )
        self.message_user(request, f"{count} events are tried again", messages.SUCCESS)

    @admin.action(
        description="Publish anew, from the selected event to the aggregate's last",
        permissions=["mend"],
    )
    def publish_anew(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        first: dict[tuple[str, str], Any] = {}
        for event in queryset.order_by("-seq"):
            first[event.aggregate_type, event.aggregate_id] = event
        self._for_each(request, list(first.values()), self._publish_anew)

    def _publish_anew(self, event: Any) -> str:
        count = keeping.replay(
            context=self.opts.app_label,
            aggregate_type=event.aggregate_type,
            aggregate_id=event.aggregate_id,
            from_seq=event.seq,
        )
        return f"{self.aggregate(event)}: {count} events will be published anew"


class InboxParkedAdmin(_Mendable):
    """Events that could not be applied, and those that wait behind them."""

    called = ("parked event", "parked events")
    menu_place = 92
    list_display = ["parked_at", "event_type", "aggregate", "seq", "error"]
    list_filter = ["event_type"]
    search_fields = ["=aggregate_id", "=event_id", "error"]
    ordering = ["aggregate_type", "aggregate_id", "seq"]
    actions = ["let_go_on", "let_go_on_over_the_hole"]

    def count_waiting(self) -> int:
        """Every parked event waits for a person."""
        return int(self.model._default_manager.count())

    @admin.display(description="aggregate", ordering="aggregate_id")
    def aggregate(self, event: Any) -> str:
        return f"{event.aggregate_type}:{event.aggregate_id}"

    @admin.action(description="Let the aggregates go on", permissions=["mend"])
    def let_go_on(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._unpark(request, queryset, accept_hole=False)

    @admin.action(
        description="Let the aggregates go on, giving up the events that are missing",
        permissions=["mend"],
    )
    def let_go_on_over_the_hole(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._unpark(request, queryset, accept_hole=True)

    def _unpark(self, request: HttpRequest, queryset: QuerySet[Any], *, accept_hole: bool) -> None:
        consumers = {c.name: c for c in find_consumers(contexts=[self.opts.app_label])}
        aggregates = {(e.consumer, e.aggregate_type, e.aggregate_id): e for e in queryset}

        def go_on(event: Any) -> str:
            if event.consumer not in consumers:
                raise DomainError("no handlers of that name", where=event.consumer)
            applied = unpark(
                consumer=consumers[event.consumer],
                aggregate_type=event.aggregate_type,
                aggregate_id=event.aggregate_id,
                accept_hole=accept_hole,
            )
            done = applied.handled + applied.passed
            return f"{self.aggregate(event)}: {done} applied, {applied.parked} parked again"

        with audit.history_context(action="let parked events go on"):
            self._for_each(request, list(aggregates.values()), go_on)

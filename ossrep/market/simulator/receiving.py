"""Files of the retailer's: read, acknowledged, and each request in them handed on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from ossrep.market.simulator.errors import UnreadableFile
from ossrep.market.simulator.faults import ON_ACKNOWLEDGMENT, ON_REQUEST, Rule
from ossrep.market.simulator.market import Handler, Market
from ossrep.market.simulator.requests import Request, read_request
from ossrep.market.simulator.x12 import Group, Segment, at, read_interchange


def receive_file(
    market: Market, *, player: str, name: str, handlers: Mapping[str, Handler]
) -> None:
    """Reads one file: a 997 for each group but FA, then the requests of its good sets."""
    market.finish_file(player=player, name=name)
    data = market.folder.read(player=player, name=name)
    try:
        interchange = read_interchange(data=data)
    except UnreadableFile as error:
        market.tell("unreadable", file=f"{player}/read/{name}", why=error.message)
        return
    key = f"{player}|{interchange.sender}|{interchange.control}"
    digest = hashlib.sha256(data).hexdigest()
    if key in market.world.received:
        same = market.world.received[key] == digest
        market.tell("received again", file=f"{player}/read/{name}", same_content=same)
        return
    market.world.received[key] = digest
    for group in interchange.groups:
        _receive_group(market, player, name, group, handlers)


def _receive_group(
    market: Market, player: str, name: str, group: Group, handlers: Mapping[str, Handler]
) -> None:
    if group.functional_id == "FA":
        for transaction in group.sets:
            _take_acknowledgment(market, player, transaction.segments)
        return
    market.world.plan(
        market.delay("997"),
        "acknowledge",
        player=player,
        functional_id=group.functional_id,
        control=group.control,
        fault=group.fault,
        sets=[[t.code, t.control, t.fault] for t in group.sets],
    )
    for transaction in group.sets:
        request = (
            None if transaction.fault or group.fault else read_request(transaction=transaction)
        )
        if request is not None:
            _receive_request(market, player, name, request, handlers)


def _receive_request(
    market: Market, player: str, name: str, request: Request, handlers: Mapping[str, Handler]
) -> None:
    market.tell(
        "received", kind=request.kind, by=player, esi_id=request.esi_id,
        reference=request.reference, file=f"{player}/read/{name}",
    )  # fmt: skip
    handler = handlers.get(request.kind)
    if handler is None:
        market.tell("not understood", kind=request.kind, reference=request.reference)
        return
    if rule_for(market, request, "silent") is not None:
        return
    handler(market, request=request, player=player)


def rule_for(market: Market, request: Request, *does: str) -> Rule | None:
    """The fault that befalls a request, of those named."""
    rule = market.faults.find(
        world=market.world,
        today=market.today,
        on=request.kind,
        # The retailer's reference may have a random part; who asks for what on which day has none.
        key=f"{request.kind}|{request.esi_id or request.reference}|{market.today}",
        esi_id=request.esi_id,
        among=ON_REQUEST & set(does),
    )
    if rule is not None:
        market.tell(
            "fault", fault=rule.do, kind=request.kind, esi_id=request.esi_id,
            reference=request.reference,
        )  # fmt: skip
    return rule


def acknowledge(
    market: Market,
    *,
    player: str,
    functional_id: str,
    control: str,
    fault: str,
    sets: list[list[str]],
) -> None:
    """The 997 of a group: A, P or R, with AK5 for each set."""
    key = f"{player}|{functional_id}|{control}"
    rule = market.faults.find(
        world=market.world,
        today=market.today,
        on="997",
        key=key,
        esi_id="",
        among=ON_ACKNOWLEDGMENT,
    )
    if rule is not None:
        market.tell("fault", fault=rule.do, kind="997", by=player, control=control)
        if rule.do == "no_acknowledgment":
            return
        sets = [[code, number, fault or "5"] for code, number, fault in sets]
    segments: list[Segment] = [["AK1", functional_id, control]]
    for code, number, wrong in sets:
        segments += [["AK2", code, number], ["AK5", "R", wrong] if wrong else ["AK5", "A"]]
    good = 0 if fault else sum(1 for entry in sets if not entry[2])
    status = "A" if good == len(sets) else "P" if good else "R"
    segments.append(["AK9", status, str(len(sets)), str(len(sets)), str(good), fault])
    market.post(sender=player, kind="997", segments=segments, esi_id="", reference=key)


def _take_acknowledgment(market: Market, player: str, segments: Sequence[Segment]) -> None:
    first = next((row for row in segments if row[0] == "AK1"), ["AK1"])
    last = next((row for row in segments if row[0] == "AK9"), ["AK9"])
    key = f"{player}|{at(first, 1)}|{at(first, 2).lstrip('0')}"
    known = market.world.awaiting.pop(key, None) is not None
    market.tell("acknowledged", by=player, group=key, status=at(last, 1), known=known)

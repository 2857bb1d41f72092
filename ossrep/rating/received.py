"""The TDSP's own amounts, as its invoice (TX SET 810_02) gave them, as lines of a block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ossrep.rating.compiled import CompiledPlan
from ossrep.rating.explain import ReceivedDetail
from ossrep.rating.lines import LineTemplate, RatedBlock, Section, Unit
from ossrep.rating.plan import Delivery, Tax


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryCharge:
    """One charge of a TDSP's invoice; ``taxes`` None takes those of the ``delivery`` component."""

    code: str
    label: str
    amount_cents: int
    taxes: frozenset[Tax] | None = None
    recurring: bool = True


def with_received_delivery(
    *, compiled: CompiledPlan, block: RatedBlock, charges: Sequence[Sequence[DeliveryCharge]]
) -> RatedBlock:
    """The block with the charges of each row appended as delivery lines, in the order given.

    ``charges`` has one sequence for each row. Refused rows get none; a plan without a
    ``delivery`` component passes none through and the block comes back as it is. Raises
    ValueError where the number of rows differs.
    """
    if len(charges) != block.rows:
        raise ValueError(f"{len(charges)} rows of charges for a block of {block.rows}")
    if compiled.delivery is None:
        return block
    columns: dict[tuple[int, str, str, frozenset[Tax], bool], list[tuple[int, int]]] = {}
    for row, row_charges in enumerate(charges):
        if row in block.refusals:
            continue
        for place, charge in enumerate(row_charges):
            taxes = compiled.delivery.taxes if charge.taxes is None else charge.taxes
            key = (place, charge.code, charge.label, taxes, charge.recurring)
            columns.setdefault(key, []).append((row, charge.amount_cents))
    # By place first, so that each row keeps the order of its own invoice.
    keys = sorted(columns, key=lambda key: (key[0], key[1], key[2], sorted(key[3]), key[4]))
    amounts = np.zeros((block.rows, len(keys)), dtype=np.int64)
    present = np.zeros((block.rows, len(keys)), dtype=np.bool_)
    for column, key in enumerate(keys):
        for row, cents in columns[key]:
            amounts[row, column] = cents
            present[row, column] = True
    return replace(
        block,
        templates=block.templates
        + tuple(
            _template(compiled.delivery, code, label, taxes, recurring)
            for _, code, label, taxes, recurring in keys
        ),
        amount_cents=np.concatenate([block.amount_cents, amounts], axis=1),
        quantity=np.concatenate([block.quantity, present.astype(np.int64)], axis=1),
        present=np.concatenate([block.present, present], axis=1),
        details=block.details + (ReceivedDetail(),) * len(keys),
    )


def _template(
    component: Delivery, code: str, label: str, taxes: frozenset[Tax], recurring: bool
) -> LineTemplate:
    return LineTemplate(
        section=Section.DELIVERY,
        kind=component.kind,
        component=component.code,
        bucket=code,
        label=label,
        unit=Unit.EACH,
        unit_price_e8=None,
        quantity_scale=1,
        recurring=recurring,
        energy=False,
        taxes=taxes,
        recipe={"tariff_code": code, "as_received": True},
    )

"""What a worker keeps of places and tax rates between chunks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from ossrep.billing.domain.taxes import Place, TaxRates
from ossrep.billing.queries.tax_places import get_tax_places, get_tax_rates


class KnownTaxes:
    """Places and the law's rates, asked once; a place that is not known is asked for again.

    Lives as long as one worker's run, so that a new run sees new taxes.
    """

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}
        self._rates: dict[dt.date, TaxRates] = {}

    def places(self, *, codes: Collection[str]) -> Mapping[str, Place]:
        """At least the places with these codes, as far as they are known."""
        wanted = set(codes) - self._places.keys()
        if wanted:
            self._places.update(get_tax_places(codes=wanted))
        return self._places

    def rates(self, *, on: dt.date) -> TaxRates:
        """The law's rates in force on a date. Raises NoLawRate."""
        if on not in self._rates:
            self._rates[on] = get_tax_rates(on=on)
        return self._rates[on]

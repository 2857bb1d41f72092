"""Plan documents: shared names, digests, differences."""

from __future__ import annotations

from ossrep.product.domain.plan_content import content_sha256
from ossrep.product.domain.plan_diff import Difference, diff_documents
from ossrep.product.domain.shared_names import Kind, SharedVersion, resolve_shared_names

SUMMER = SharedVersion("calendar", "summer", 3, {"buckets": [], "holidays": "us"})
US = SharedVersion("holidays", "us", 2, ["2026-07-04"])
SHARED: dict[tuple[Kind, str], SharedVersion] = {
    ("calendar", "summer"): SUMMER,
    ("holidays", "us"): US,
    ("holidays", "unused"): SharedVersion("holidays", "unused", 1, []),
}


class TestResolveSharedNames:
    def test_writes_out_what_the_plan_names(self) -> None:
        resolved = resolve_shared_names(
            document={"components": [{"calendar": "summer"}]}, shared=SHARED
        )

        assert resolved.document["calendars"] == {"summer": SUMMER.definition}
        assert resolved.document["holidays"] == {"us": ["2026-07-04"]}
        assert resolved.taken == (SUMMER, US)

    def test_lets_the_plans_own_definition_win(self) -> None:
        own = {"summer": {"buckets": [1]}}

        resolved = resolve_shared_names(
            document={"components": [{"calendar": "summer"}], "calendars": own}, shared=SHARED
        )

        assert resolved.document["calendars"] == own
        assert resolved.taken == ()

    def test_resolves_free_holidays(self) -> None:
        resolved = resolve_shared_names(
            document={"components": [{"free_holidays": "us"}, {"holidays": ["2026-01-01"]}]},
            shared=SHARED,
        )

        assert resolved.taken == (US,)

    def test_leaves_unknown_names_and_odd_documents_alone(self) -> None:
        for document in ({"components": [{"calendar": "x"}, 3]}, {"components": "x"}, {}):
            assert resolve_shared_names(document=document, shared=SHARED).document == document


class TestContentSha256:
    def test_does_not_see_the_order_of_keys(self) -> None:
        assert content_sha256({"a": "1", "b": ["x", "y"]}) == content_sha256(
            {"b": ["x", "y"], "a": "1"}
        )

    def test_sees_the_order_of_lists(self) -> None:
        assert content_sha256({"b": ["x", "y"]}) != content_sha256({"b": ["y", "x"]})


class TestDiffDocuments:
    def test_matches_components_by_code(self) -> None:
        before = {
            "name": "A",
            "components": [{"code": "base", "amount": "5"}, {"code": "energy", "price": "0.1"}],
        }
        after = {
            "name": "A",
            "components": [{"code": "energy", "price": "0.2"}, {"code": "credit", "amount": "9"}],
        }

        assert diff_documents(before=before, after=after) == [
            Difference("components (order)", "base, energy", "energy, credit"),
            Difference("components[base].amount", "5", None),
            Difference("components[base].code", "base", None),
            Difference("components[credit].amount", None, "9"),
            Difference("components[credit].code", None, "credit"),
            Difference("components[energy].price", "0.1", "0.2"),
        ]

    def test_matches_nameless_entries_by_place(self) -> None:
        assert diff_documents(
            before={"tiers": [{"up_to_kwh": "500"}, {"price": "1"}]},
            after={"tiers": [{"up_to_kwh": "600"}, {"price": "1", "taxes": []}]},
        ) == [
            Difference("tiers[0].up_to_kwh", "500", "600"),
            Difference("tiers[1].taxes", None, "[]"),
        ]

    def test_finds_nothing_between_equals(self) -> None:
        document = {"a": None, "b": True, "c": {}, "d": [1, [2]]}

        assert diff_documents(before=document, after=dict(document)) == []

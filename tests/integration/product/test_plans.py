"""A plan's life: file, draft, published version, retired."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from ossrep.infra.invariants import assert_invariants
from ossrep.kernel.identifiers import PlanVersionId
from ossrep.kernel.periods import InvalidPeriod
from ossrep.product.domain.fields import InvalidFile
from ossrep.product.management.subcommands.import_plans import PlansRefused
from ossrep.product.models import OutboxEvent, Plan, PlanDraft, PlanVersion
from ossrep.product.service import ProductService
from ossrep.product.usecases.import_plan import PlanImported, import_plan
from ossrep.product.usecases.publish_plan import (
    LabelDiffers,
    NothingToPublish,
    PlanPublished,
    UnknownPlan,
    publish_plan,
)
from ossrep.product.usecases.retire_plan import NothingToRetire, retire_plan
from tests.integration.product.book import (
    BRANDS,
    NOW,
    import_brands,
    label,
    plan_document,
    run,
    tariff_document,
    write_yaml,
)

pytestmark = pytest.mark.django_db(databases="__all__")

TODAY = dt.date(2026, 11, 22)
LATER = NOW + dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _brands(tmp_path: Path) -> None:
    import_brands(tmp_path)


def _import(folder: Path, **fields: Any) -> PlanImported:
    path = write_yaml(folder / "plan.yaml", plan_document(**fields))
    outcome = import_plan(path=path, as_of=TODAY)
    assert_invariants(contexts=["product"])
    return outcome


def _publish(code: str = "FLAT-12", **options: Any) -> PlanPublished:
    published = publish_plan(plan_code=code, as_of=NOW, **options)
    assert_invariants(contexts=["product"])
    return published


def _refusal(folder: Path, data: Any) -> list[str]:
    path = write_yaml(folder / "plan.yaml", data)
    with pytest.raises(InvalidFile) as caught:
        import_plan(path=path, as_of=TODAY)
    return [line.removeprefix(f"{path}:") for line in str(caught.value).splitlines()]


class TestImportPlan:
    def test_keeps_a_new_plan_as_a_draft(self, tmp_path: Path) -> None:
        assert _import(tmp_path) == PlanImported("FLAT-12", 1, "draft")

        draft = PlanDraft.objects.get()
        assert (draft.name, draft.term_months, draft.source_document["brand"]) == (
            "Flat 12",
            12,
            "LONESTAR",
        )
        assert draft.source_text == (tmp_path / "plan.yaml").read_text()

    def test_changes_nothing_the_second_time(self, tmp_path: Path) -> None:
        _import(tmp_path)

        assert _import(tmp_path) == PlanImported("FLAT-12", 1, "unchanged")

        assert PlanDraft.objects.get().events.count() == 1

    def test_does_not_mind_comments_and_order(self, tmp_path: Path) -> None:
        _import(tmp_path)
        _publish()
        document = plan_document()
        backwards = {key: document[key] for key in reversed(document)}
        path = write_yaml(tmp_path / "other.yaml", backwards)
        path.write_text("# a comment\n" + path.read_text())

        outcome = import_plan(path=path, as_of=TODAY)

        assert outcome == PlanImported("FLAT-12", 1, "unchanged")

    def test_replaces_a_draft(self, tmp_path: Path) -> None:
        _import(tmp_path)

        assert _import(tmp_path, name="Flat") == PlanImported("FLAT-12", 1, "draft changed")

        assert PlanDraft.objects.get().name == "Flat"

    def test_makes_a_changed_published_plan_the_next_version(self, tmp_path: Path) -> None:
        _import(tmp_path)
        _publish()

        assert _import(tmp_path, name="Flat") == PlanImported("FLAT-12", 2, "draft")

        assert PlanVersion.objects.get().name == "Flat 12"

    def test_discards_a_draft_whose_file_went_back(self, tmp_path: Path) -> None:
        _import(tmp_path)
        _publish()
        _import(tmp_path, name="Flat")

        assert _import(tmp_path) == PlanImported("FLAT-12", 1, "draft discarded")

        assert PlanDraft.objects.count() == 0

    def test_tells_every_problem_with_line_and_path(self, tmp_path: Path) -> None:
        document = plan_document(colour="red", term_months=-1)
        document["components"][0]["price_usd_per_kwh"] = 0.12
        del document["components"][1]["code"]

        assert _refusal(tmp_path, document) == [
            "6: term_months: must be a whole number from 0 to 120: -1",
            '10: components[0].price_usd_per_kwh: must be a quoted decimal such as "0.125": 0.12',
            "11: components[1].code: is missing",
            "12: colour: unknown field; known here: brand, calendars, components, customer_class, "
            "early_termination_fee_usd, efl, holidays, name, plan, product_type, term_months",
        ]
        assert Plan.objects.count() == 0

    def test_refuses_tiers_with_a_gap_and_windows_that_overlap(self, tmp_path: Path) -> None:
        tiers = [
            {"up_to_kwh": "1000", "price_usd_per_kwh": "0.10"},
            {"up_to_kwh": "500", "price_usd_per_kwh": "0.09"},
        ]
        buckets = [
            {
                "name": name,
                "price_usd_per_kwh": "0.10",
                "windows": [{"from": start, "to": "20:00"}],
            }
            for name, start in (("one", "14:00"), ("two", "19:00"))
        ]
        document = plan_document(
            components=[
                {"kind": "energy_tiered", "code": "a", "tiers": tiers},
                {
                    "kind": "energy_time_of_use",
                    "code": "b",
                    "buckets": buckets,
                    "otherwise": {"name": "rest", "price_usd_per_kwh": "0.1"},
                },
            ]
        )

        told = [line.split(": ")[1] for line in _refusal(tmp_path, document)]

        assert told == [
            "components[0].tiers[1].up_to_kwh",
            "components[1].buckets[1].windows[0]",
        ]

    def test_refuses_an_unknown_brand(self, tmp_path: Path) -> None:
        assert _refusal(tmp_path, plan_document(brand="NOBODY")) == [
            "3: brand: no brand has the code 'NOBODY'; import it first"
        ]
        assert Plan.objects.count() == 0

    def test_refuses_the_code_of_another_brands_plan(self, tmp_path: Path) -> None:
        _import(tmp_path)
        other = {"brands": [{**BRANDS["brands"][0], "code": "OTHER"}]}
        run("import-brands", write_yaml(tmp_path / "other.yaml", other))

        assert _refusal(tmp_path, plan_document(brand="OTHER")) == [
            "1: plan: FLAT-12 is a plan of brand LONESTAR"
        ]

    def test_refuses_what_is_no_plan_at_all(self, tmp_path: Path) -> None:
        assert _refusal(tmp_path, ["x"]) == ["1: must be a mapping of fields"]

    def test_goes_on_with_the_other_files(self, tmp_path: Path) -> None:
        folder = tmp_path / "plans"
        folder.mkdir()
        write_yaml(folder / "a.yaml", plan_document(brand="NOBODY"))
        write_yaml(folder / "b.yaml", plan_document())

        with pytest.raises(Exception, match=r"a\.yaml:3: brand: no brand has the code 'NOBODY'"):
            run("import", folder)

        assert PlanDraft.objects.get().plan.code == "FLAT-12"


class TestPublishPlan:
    def test_puts_the_version_on_sale_and_tells_it(self, tmp_path: Path) -> None:
        _import(tmp_path)

        published = _publish()

        version = PlanVersion.objects.get()
        assert published == PlanPublished(PlanVersionId(version.pk), "FLAT-12", 1, True, None)
        assert (version.status, version.published_at) == ("published", NOW)
        assert PlanDraft.objects.count() == 0
        event = OutboxEvent.objects.get()
        assert (event.event_type, event.aggregate_id, event.payload) == (
            "product.plan-version-published.v1",
            "FLAT-12",
            {
                "plan_version_id": version.pk,
                "plan_code": "FLAT-12",
                "version": 1,
                "name": "Flat 12",
                "brand_code": "LONESTAR",
            },
        )

    def test_changes_nothing_without_a_draft(self, tmp_path: Path) -> None:
        _import(tmp_path)
        first = _publish()

        again = _publish()

        assert (again.plan_version_id, again.is_new) == (first.plan_version_id, False)
        assert OutboxEvent.objects.count() == 1

    def test_refuses_a_plan_without_draft_that_is_not_on_sale(self, tmp_path: Path) -> None:
        _import(tmp_path)
        _publish()
        retire_plan(plan_code="FLAT-12", as_of=LATER)

        with pytest.raises(NothingToPublish, match="plan FLAT-12 has no draft"):
            _publish()

    def test_refuses_an_unknown_plan(self) -> None:
        with pytest.raises(UnknownPlan, match="no plan has the code 'NONE'"):
            _publish("NONE")


class TestPublishedLabel:
    """4.06 a month and 6.1322 cents beside 12 cents: 18.9442, 18.5382, 18.3352."""

    def _with_label(self, folder: Path, **efl: Any) -> None:
        run("import-tariffs", write_yaml(folder / "tariff.yaml", tariff_document()))
        _import(folder, efl=label(**efl))

    def test_is_kept_with_the_version(self, tmp_path: Path) -> None:
        prices = {"500": "18.9", "1000": "18.5", "2000": "18.3"}
        self._with_label(tmp_path, average_prices_cents=prices)

        _publish()

        assert PlanVersion.objects.get().efl_prices == {
            "tdsp": "ONCOR_ELEC",
            "rate_class": "residential",
            "label_date": "2026-09-15",
            "prices": [
                {"kwh": 500, "printed_cents": "18.9", "four_decimals_cents": "18.9442"},
                {"kwh": 1000, "printed_cents": "18.5", "four_decimals_cents": "18.5382"},
                {"kwh": 2000, "printed_cents": "18.3", "four_decimals_cents": "18.3352"},
            ],
        }

    def test_refuses_prices_that_the_components_do_not_give(self, tmp_path: Path) -> None:
        prices = {"500": "18.9", "1000": "18.6", "2000": "18.3"}
        self._with_label(tmp_path, average_prices_cents=prices)

        with pytest.raises(LabelDiffers) as caught:
            _publish()

        assert str(caught.value) == (
            "FLAT-12 version 1: efl.average_prices_cents: 1000 kWh: stored 18.6, computed 18.5 "
            "(18.5382); cents per kWh with ONCOR_ELEC residential on 2026-09-15"
        )
        assert PlanVersion.objects.count() == 0
        assert PlanDraft.objects.count() == 1
        assert OutboxEvent.objects.count() == 0

    def test_refuses_prices_that_cannot_be_computed(self, tmp_path: Path) -> None:
        self._with_label(tmp_path, label_date="2026-05-01", average_prices_cents={"1000": "18.5"})

        with pytest.raises(LabelDiffers, match="cannot be computed: tariff: no tariff row is in"):
            _publish()

    def test_refuses_prices_without_a_tdsp(self, tmp_path: Path) -> None:
        _import(tmp_path, efl={"average_prices_cents": {"1000": "18.5"}})

        with pytest.raises(LabelDiffers, match="the label lacks tdsp, rate_class or label_date"):
            _publish()

    def test_takes_the_date_given(self, tmp_path: Path) -> None:
        self._with_label(tmp_path, label_date="2026-05-01", average_prices_cents={"1000": "18.5"})

        published = _publish(label_date=dt.date(2026, 10, 1))

        assert published.label is not None
        assert published.label.label_date == dt.date(2026, 10, 1)
        assert PlanVersion.objects.get().document["efl"]["label_date"] == "2026-10-01"


class TestRetirePlan:
    def test_takes_every_version_off_the_shelf_and_tells_it(self, tmp_path: Path) -> None:
        for name in ("One", "Two"):
            _import(tmp_path, name=name)
            _publish()

        assert retire_plan(plan_code="FLAT-12", as_of=LATER, reason="too dear") == (1, 2)

        rows = PlanVersion.objects.order_by("version")
        assert [(r.status, r.retired_at, r.retired_reason) for r in rows] == [
            ("retired", LATER, "too dear")
        ] * 2
        assert list(OutboxEvent.objects.order_by("seq").values_list("event_type", flat=True)) == [
            "product.plan-version-published.v1",
            "product.plan-version-published.v1",
            "product.plan-version-retired.v1",
            "product.plan-version-retired.v1",
        ]

    def test_leaves_the_version_to_its_contracts(self, tmp_path: Path) -> None:
        _import(tmp_path)
        version_id = _publish().plan_version_id

        retire_plan(plan_code="FLAT-12", as_of=LATER)

        service = ProductService()
        assert service.get_plan_versions(plan_version_ids=[version_id])[version_id].version == 1
        wanted = [("FLAT-12", 1), ("FLAT-12", None), ("NONE", None)]
        assert service.find_plan_version_ids(plans=wanted) == {("FLAT-12", 1): version_id}

    def test_refuses_what_is_not_on_sale(self, tmp_path: Path) -> None:
        _import(tmp_path)
        _publish()

        with pytest.raises(NothingToRetire, match="plan FLAT-12 has no version 2 on sale"):
            retire_plan(plan_code="FLAT-12", as_of=LATER, version=2)


class TestPlanCommands:
    def test_export_what_was_imported_byte_for_byte(self, tmp_path: Path) -> None:
        path = tmp_path / "plan.yaml"
        text = "# our flat plan\n" + write_yaml(path, plan_document()).read_text()
        path.write_text(text)
        run("import", path)
        run("publish", "FLAT-12")

        assert run("export", "FLAT-12", "--version", "1") == text

    def test_show_differences_field_by_field(self, tmp_path: Path) -> None:
        _import(tmp_path)
        _publish()
        _import(tmp_path, name="Flat")

        assert run("diff", "FLAT-12@1", "FLAT-12").splitlines() == [
            "field\tFLAT-12 version 1 (published)\tFLAT-12 version 2 (draft)",
            "name\tFlat 12\tFlat",
        ]

    def test_list_plans_with_their_state(self, tmp_path: Path) -> None:
        _import(tmp_path)
        _publish()
        _import(tmp_path, name="Flat")

        assert run("list").splitlines()[1:] == [
            "FLAT-12\t1\tpublished\tLONESTAR\tFlat 12\tfixed\tresidential\t12",
            "FLAT-12\t2\tdraft\tLONESTAR\tFlat\tfixed\tresidential\t12",
        ]

    def test_refuse_a_folder_without_plans(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()

        with pytest.raises(PlansRefused, match=r"/empty: holds no \.yaml or \.yml file"):
            run("import", tmp_path / "empty")

    def test_tell_the_line_of_a_problem_in_a_file(self, tmp_path: Path) -> None:
        path = write_yaml(tmp_path / "plan.yaml", plan_document(term_months="x"))

        with pytest.raises(InvalidFile, match=r"plan\.yaml:6: term_months: must be a whole"):
            run("efl", path)

    def test_read_a_file_with_what_is_shared_on_its_label_s_date(self, tmp_path: Path) -> None:
        shared = {"effective": "2030-01-01", "holidays": {"free": ["2030-01-01"]}}
        run("import-calendars", write_yaml(tmp_path / "calendars.yaml", shared))
        weekends = {"kind": "free_weekends", "code": "energy", "price_usd_per_kwh": "0.1"}
        path = write_yaml(
            tmp_path / "plan.yaml",
            plan_document(
                components=[{**weekends, "free_holidays": "free"}],
                efl=label(label_date="2030-01-01", bucket_shares={"energy": {"otherwise": "1"}}),
            ),
        )

        assert run("efl", path).splitlines()[1].split("\t")[3:5] == ["500", "10.0"]

    @pytest.mark.parametrize(
        ("customer_class", "levels"),
        [("residential", [500, 1000, 2000]), ("small_commercial", [1500, 2500, 3500])],
    )
    def test_show_the_usage_levels_of_the_customer_class(
        self, customer_class: str, levels: list[int], tmp_path: Path
    ) -> None:
        run("import-tariffs", write_yaml(tmp_path / "tariff.yaml", tariff_document()))
        path = write_yaml(
            tmp_path / "plan.yaml", plan_document(customer_class=customer_class, efl=label())
        )

        told = json.loads(run("efl", path, "--json"))

        assert [price["kwh"] for price in told["prices"]] == levels

    def test_refuse_a_label_on_the_calendar_s_last_day(self, tmp_path: Path) -> None:
        path = write_yaml(tmp_path / "plan.yaml", plan_document(efl=label()))

        with pytest.raises(InvalidPeriod, match="no day follows 9999-12-31"):
            run("efl", path, "--label-date", "9999-12-31")

    def test_name_the_tdsp_without_tariff(self, tmp_path: Path) -> None:
        _import(tmp_path, efl=label())

        with pytest.raises(Exception, match="FLAT-12 version 1, TNMP: tariff: no tariff row is"):
            run("efl", "FLAT-12", "--tdsp", "TNMP")

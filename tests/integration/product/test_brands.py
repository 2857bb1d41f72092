"""Brands from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ossrep.product.domain.fields import InvalidFile
from ossrep.product.models import Brand
from ossrep.product.service import ProductService
from ossrep.product.usecases.import_brands import BrandsImported, import_brands
from ossrep.published.product import Brand as PublishedBrand
from tests.integration.product.book import BRANDS, write_yaml

pytestmark = pytest.mark.django_db(databases="__all__")


class TestImportBrands:
    def test_gives_other_contexts_what_documents_print(self, tmp_path: Path) -> None:
        outcome = import_brands(path=write_yaml(tmp_path / "b.yaml", BRANDS))

        assert outcome == BrandsImported(added=("LONESTAR",), changed=(), unchanged=())
        service = ProductService()
        ids = service.find_brand_ids(codes=["LONESTAR", "NOBODY"])
        assert list(ids) == ["LONESTAR"]
        brand_id = ids["LONESTAR"]
        assert service.get_brands(brand_ids=[brand_id]) == {
            brand_id: PublishedBrand(
                brand_id=brand_id,
                code="LONESTAR",
                legal_name="Lone Star Retail LLC",
                display_name="Lone Star Retail",
                certificate_number="10999",
                duns="123456789",
                address_lines=("1 Main Street", "Dallas, TX 75201"),
                billing_phone="1-800-555-0100",
                billing_hours="Monday to Friday 8 am to 6 pm",
                outage_phones={"ONCOR_ELEC": "1-800-555-0199"},
                email="care@example.com",
                website="https://example.com",
            )
        }

    def test_changes_only_what_changed(self, tmp_path: Path) -> None:
        path = write_yaml(tmp_path / "b.yaml", BRANDS)
        import_brands(path=path)
        assert import_brands(path=path).unchanged == ("LONESTAR",)
        path.write_text(path.read_text().replace("555-0100", "555-0111"))

        assert import_brands(path=path).changed == ("LONESTAR",)

        brand = Brand.objects.get()
        history = brand.events.order_by("pgh_id").values_list("pgh_label", "billing_phone")
        assert list(history) == [("insert", "1-800-555-0100"), ("update", "1-800-555-0111")]

    def test_refuses_a_file_that_has_none(self, tmp_path: Path) -> None:
        path = tmp_path / "brands.yaml"
        path.write_text("brands:\n")

        with pytest.raises(InvalidFile, match=r"brands\.yaml:1: brands: is missing"):
            import_brands(path=path)

    def test_tells_every_problem_and_takes_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "b.yaml"
        good = write_yaml(tmp_path / "good.yaml", BRANDS).read_text()
        path.write_text(good + "- code: lone\n  duns: 12\n  colour: red\n")

        with pytest.raises(InvalidFile) as caught:
            import_brands(path=path)

        line = good.count("\n") + 1
        told = str(caught.value).splitlines()
        assert told[0] == f"{path}:{line}: brands[1].legal_name: is missing"
        assert told[-3:-1] == [
            f"{path}:{line}: brands[1].code: 'lone' does not fit: capital letters, digits and -",
            f"{path}:{line + 1}: brands[1].duns: must be text (quote it), not 12",
        ]
        assert told[-1].startswith(f"{path}:{line + 2}: brands[1].colour: unknown field; known")
        assert Brand.objects.count() == 0

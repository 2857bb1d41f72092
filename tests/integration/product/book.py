"""Small files and steps that the tests of this context share."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

from ossrep.infra.yaml_files import dump_yaml

NOW = dt.datetime(2026, 11, 22, 18, tzinfo=dt.UTC)

BRANDS = {
    "brands": [
        {
            "code": "LONESTAR",
            "legal_name": "Lone Star Retail LLC",
            "display_name": "Lone Star Retail",
            "certificate_number": "10999",
            "duns": "123456789",
            "address_lines": ["1 Main Street", "Dallas, TX 75201"],
            "billing_phone": "1-800-555-0100",
            "billing_hours": "Monday to Friday 8 am to 6 pm",
            "outage_phones": {"ONCOR_ELEC": "1-800-555-0199"},
            "email": "care@example.com",
            "website": "https://example.com",
        }
    ]
}


def plan_document(**fields: Any) -> dict[str, Any]:
    """A flat plan of 12 cents and the TDSP's charges; ``fields`` replace its own."""
    return {
        "plan": "FLAT-12",
        "name": "Flat 12",
        "brand": "LONESTAR",
        "product_type": "fixed",
        "customer_class": "residential",
        "term_months": 12,
        "components": [
            {"kind": "energy_flat", "code": "energy", "price_usd_per_kwh": "0.12"},
            {"kind": "delivery", "code": "delivery"},
        ],
        **fields,
    }


def label(**fields: Any) -> dict[str, Any]:
    """An ``efl`` section for Oncor's residential tariff of 2026-09-15."""
    return {
        "tdsp": "ONCOR_ELEC",
        "rate_class": "residential",
        "label_date": "2026-09-15",
        **fields,
    }


def tariff_document(
    *, fixed: str = "4.06", per_kwh: str = "0.061322", tdsp: str = "ONCOR_ELEC", **row: Any
) -> dict[str, Any]:
    """A tariff with one row by the month and one by the kWh; ``row`` replaces fields of both."""
    common = {"from": "2026-06-01", "to": None, **row}
    return {
        "tariffs": [
            {
                "tdsp": tdsp,
                "rate_class": "residential",
                "source": "a test",
                "confidence": "tariff",
                "rows": [
                    {"code": "MON", "label": "Fixed", "unit": "month", "rate_usd": fixed, **common},
                    {"code": "KWH", "label": "Usage", "unit": "kwh", "rate_usd": per_kwh, **common},
                ],
            }
        ]
    }


def write_yaml(path: Path, data: Any) -> Path:
    path.write_text(dump_yaml(data))
    return path


def run(*arguments: Any) -> str:
    """Runs ``manage.py product`` and gives what it printed."""
    out = StringIO()
    call_command("product", *map(str, arguments), stdout=out)
    return out.getvalue()


def import_brands(folder: Path) -> None:
    run("import-brands", write_yaml(folder / "brands.yaml", BRANDS))

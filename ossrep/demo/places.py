"""Where the demo's customers live: real towns and wires companies, invented streets.

Populations only choose the tier of the gross-receipts tax. The local sales taxes are invented
examples of the usual kinds (a city tax that reaches homes, one that does not, none at all).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wires:
    """A TDSP with the numbering that its ESI IDs show."""

    code: str
    duns: str
    esi_prefix: str
    esi_digits: int
    load_zone: str
    share: float


@dataclass(frozen=True, slots=True)
class Town:
    """A tax place: a city, or the county outside one (no population)."""

    code: str
    name: str
    county: str
    zip_code: str
    wires: str
    population: int | None
    city_tax: str | None
    taxes_homes: bool
    transit_tax: str | None = None

    @property
    def city(self) -> str:
        """What an address says; a county has no city of that name, its post office has."""
        return POST_OFFICES.get(self.code, self.name)


WIRES = (
    Wires("ONCOR_ELEC", "1039940674000", "10443728", 17, "LZ_NORTH", 0.42),
    Wires("CENTERPOINT", "957877905", "10089018", 22, "LZ_HOUSTON", 0.33),
    Wires("AEP_CENTRAL", "007924772", "10032788", 17, "LZ_SOUTH", 0.12),
    Wires("TNMP", "007929441", "10400518", 17, "LZ_NORTH", 0.08),
    Wires("AEP_NORTH", "007923311", "10204048", 17, "LZ_WEST", 0.05),
)

TOWNS = (
    Town("dallas", "Dallas", "Dallas", "75204", "ONCOR_ELEC", 1_304_379, "0.01", False, "0.01"),
    Town("fort-worth", "Fort Worth", "Tarrant", "76107", "ONCOR_ELEC", 918_915, "0.01", True),
    Town("waco", "Waco", "McLennan", "76701", "ONCOR_ELEC", 138_486, "0.015", False),
    Town("tyler", "Tyler", "Smith", "75701", "ONCOR_ELEC", 105_995, "0.015", False),
    Town("parker-county", "Parker County", "Parker", "76087", "ONCOR_ELEC", None, None, False),
    Town("rosebud", "Rosebud", "Falls", "76570", "ONCOR_ELEC", 1_296, "0.01", True),
    Town("houston", "Houston", "Harris", "77007", "CENTERPOINT", 2_304_580, "0.01", False, "0.01"),
    Town("sugar-land", "Sugar Land", "Fort Bend", "77478", "CENTERPOINT", 111_026, "0.02", False),
    Town("bellaire", "Bellaire", "Harris", "77401", "CENTERPOINT", 17_202, "0.01", True, "0.01"),
    Town("galena-park", "Galena Park", "Harris", "77547", "CENTERPOINT", 10_740, "0.01", False),
    Town("harris-county", "Harris County", "Harris", "77065", "CENTERPOINT", None, None, False),
    Town(
        "corpus-christi", "Corpus Christi", "Nueces", "78401", "AEP_CENTRAL", 317_863, "0.02", False
    ),
    Town("mcallen", "McAllen", "Hidalgo", "78501", "AEP_CENTRAL", 142_210, "0.015", True),
    Town("gatesville", "Gatesville", "Coryell", "76528", "TNMP", 16_135, "0.015", False),
    Town("lewisville", "Lewisville", "Denton", "75057", "TNMP", 111_822, "0.015", True),
    Town("abilene", "Abilene", "Taylor", "79601", "AEP_NORTH", 125_182, "0.02", False),
    Town("haskell", "Haskell", "Haskell", "79521", "AEP_NORTH", 3_089, "0.015", False),
)

POST_OFFICES = {"parker-county": "Weatherford", "harris-county": "Cypress"}

STREETS = (
    "Mesquite Bend",
    "Bluebonnet Ln",
    "Pecan Grove Dr",
    "Live Oak St",
    "Cactus Wren Ct",
    "Caliche Rd",
    "Armadillo Trl",
    "Windmill Way",
    "Prickly Pear Ln",
    "Longhorn Pass",
    "Scissortail Dr",
    "Old Cotton Gin Rd",
    "Limestone Creek Dr",
    "Yellow Rose Blvd",
    "Rio Vista Ave",
)

FIRST_NAMES = (
    "Alma", "Andre", "Beth", "Carlos", "Chloe", "Darnell", "Elena", "Farah", "Grace", "Hector",
    "Imani", "Jack", "Jin", "Kavya", "Luis", "Mai", "Marcus", "Nora", "Omar", "Paula", "Quinn",
    "Rosa", "Sam", "Tariq", "Uma", "Victor", "Wendy", "Xavier", "Yolanda", "Zach",
)  # fmt: skip

LAST_NAMES = (
    "Alvarez", "Baker", "Chen", "Delgado", "Ellis", "Flores", "Garza", "Huang", "Ibarra", "Jones",
    "Kim", "Lopez", "Mbeki", "Nguyen", "Okafor", "Patel", "Quintero", "Reyes", "Smith", "Tran",
    "Underwood", "Vasquez", "Walker", "Young", "Zamora",
)  # fmt: skip

CAMPUSES = ("High School", "Middle School", "Elementary School")

BUSINESSES = (
    "Bakery", "Feed & Seed", "Dental", "Hardware", "Taqueria", "Auto Repair", "Dry Cleaners",
    "Books", "Coffee", "Veterinary Clinic", "Tires", "Nursery", "Barber Shop", "Print & Sign",
)  # fmt: skip

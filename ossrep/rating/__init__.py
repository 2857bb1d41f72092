"""How a price becomes money: plans read and compiled, blocks of usage rated, labels averaged.

Pure and exact: numpy and the kernel only. It knows no database, no context and no tax.
"""

from ossrep.rating.averages import (
    EFL_KWH_LEVELS,
    NO_AVERAGE_PRICE,
    AveragePriceTooLarge,
    LabelNotComputable,
    LabelPrice,
    average_price_tenth_cents,
    efl_average_prices,
)
from ossrep.rating.compilation import PeriodTooLong, compile_plan
from ossrep.rating.compiled import CompiledPlan
from ossrep.rating.documents import InvalidDocument
from ossrep.rating.explain import (
    NoSuchLine,
    line_recipe,
    printed_price,
    printed_quantity,
)
from ossrep.rating.lines import BankColumns, LineTemplate, RatedBlock, Refusal, Section, Unit
from ossrep.rating.market_prices import MissingPrice
from ossrep.rating.plan import (
    BaseChargeDaily,
    BaseChargeMonthly,
    BuybackMode,
    Component,
    CreditBank,
    Delivery,
    Demand,
    DemandRule,
    EflAssumptions,
    EnergyFlat,
    EnergyIndexed,
    EnergyTiered,
    EnergyTimeOfUse,
    MinimumUsageFee,
    Offset,
    OneOff,
    OneOffOn,
    Plan,
    Proration,
    SolarBuyback,
    Tax,
    Tier,
    UsageBand,
    UsageCredit,
    UsageFee,
)
from ossrep.rating.plan_document import CustomerClass, InvalidPlan, ProductType, parse_plan
from ossrep.rating.plan_yaml import load_plan_yaml
from ossrep.rating.rate import rate_block
from ossrep.rating.received import DeliveryCharge, with_received_delivery
from ossrep.rating.tariff import MissingTariff, TariffRow
from ossrep.rating.tariff_document import InvalidTariff, parse_tariff_rows
from ossrep.rating.usage import (
    MISSING_PRICE,
    MISSING_WH,
    NO_PEAK_W,
    InvalidPrices,
    InvalidUsage,
    PriceSeries,
    SiteFacts,
    UsageBlock,
)

__all__ = [
    "EFL_KWH_LEVELS",
    "MISSING_PRICE",
    "MISSING_WH",
    "NO_AVERAGE_PRICE",
    "NO_PEAK_W",
    "AveragePriceTooLarge",
    "BankColumns",
    "BaseChargeDaily",
    "BaseChargeMonthly",
    "BuybackMode",
    "CompiledPlan",
    "Component",
    "CreditBank",
    "CustomerClass",
    "Delivery",
    "DeliveryCharge",
    "Demand",
    "DemandRule",
    "EflAssumptions",
    "EnergyFlat",
    "EnergyIndexed",
    "EnergyTiered",
    "EnergyTimeOfUse",
    "InvalidDocument",
    "InvalidPlan",
    "InvalidPrices",
    "InvalidTariff",
    "InvalidUsage",
    "LabelNotComputable",
    "LabelPrice",
    "LineTemplate",
    "MinimumUsageFee",
    "MissingPrice",
    "MissingTariff",
    "NoSuchLine",
    "Offset",
    "OneOff",
    "OneOffOn",
    "PeriodTooLong",
    "Plan",
    "PriceSeries",
    "ProductType",
    "Proration",
    "RatedBlock",
    "Refusal",
    "Section",
    "SiteFacts",
    "SolarBuyback",
    "TariffRow",
    "Tax",
    "Tier",
    "Unit",
    "UsageBand",
    "UsageBlock",
    "UsageCredit",
    "UsageFee",
    "average_price_tenth_cents",
    "compile_plan",
    "efl_average_prices",
    "line_recipe",
    "load_plan_yaml",
    "parse_plan",
    "parse_tariff_rows",
    "printed_price",
    "printed_quantity",
    "rate_block",
    "with_received_delivery",
]

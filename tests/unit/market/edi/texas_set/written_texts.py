"""The constructed texts of ``tests/fixtures/market/edi`` and, written by hand, what they say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from ossrep.market.edi.texas_set.advice import ApplicationAdvice, RejectedDocument
from ossrep.market.edi.texas_set.changes import (
    CancelRequest,
    DateChangeRequest,
    MoveOutRequest,
    MoveOutResponse,
    Unexecutable,
)
from ossrep.market.edi.texas_set.enrollment import (
    EnrollmentResponse,
    MoveInReject,
    MoveInRequest,
    SwitchReject,
    SwitchRequest,
)
from ossrep.market.edi.texas_set.kinds import KINDS
from ossrep.market.edi.texas_set.model import (
    ERCOT,
    Contact,
    Moment,
    Party,
    Reason,
    Transaction,
)
from ossrep.market.edi.texas_set.registration import Meter, OfRegister, SpecialNeeds
from ossrep.market.edi.texas_set.remittance import InvoicePayment, Remittance
from ossrep.market.edi.texas_set.service_orders import (
    OutageNotice,
    ServiceOrder,
    ServiceOrderResponse,
)
from ossrep.market.edi.texas_set.transitions import LossNotice
from ossrep.market.edi.texas_set.upkeep import (
    CsaRequest,
    CustomerInformation,
    EsiIdMaintenance,
    HistoryRequest,
)
from ossrep.market.edi.x12.model import Segment, TransactionSet

FIXTURES = Path(__file__).parents[4] / "fixtures" / "market" / "edi"
OWN_KINDS = [kind for kind in KINDS if kind[:3] in ("814", "650", "820", "824")]
ENVELOPE = {"ISA", "GS", "GE", "IEA"}

RETAILER = Party("EXAMPLE RETAIL ENERGY", "1234567890000")
ONCOR = Party("ONCOR", "1039940674000")
CENTERPOINT = Party("CENTERPOINT ENERGY", "957877905")
ONCOR_POINT = "10443720000000001"
CENTERPOINT_POINT = "1008901000000000000001"
JANE = Contact(
    name="JANE SAMPLE",
    address1="100 MAIN ST",
    address2="APT 1",
    city="DALLAS",
    state="TX",
    zip_code="75001",
    contact_name="JANE SAMPLE",
    phone="2145550100",
)


def segments_of(text: str) -> list[Segment]:
    """ST to SE of a text with ``*`` and ``~``."""
    found = [part.strip().split("*") for part in text.split("~") if part.strip()]
    return [segment for segment in found if segment[0] not in ENVELOPE]


def as_set(segments: list[Segment]) -> TransactionSet:
    """The segments as the envelope layer would hand them over."""
    return TransactionSet(segments[0][1], segments[0][2], segments, 0)


def load(name: str) -> list[Segment]:
    """ST to SE of a fixture."""
    return segments_of((FIXTURES / f"{name}.edi").read_text())


EXPECTED: Mapping[str, Transaction] = {
    "814_01": SwitchRequest(
        reference="CR20250115A0001",
        date=dt.date(2025, 1, 15),
        esi_id=ONCOR_POINT,
        tdsp=ONCOR,
        retailer=RETAILER,
        ercot=ERCOT,
        line_id="1",
        service="SW",
        history="HU",
        customer=JANE,
        special_needs=SpecialNeeds(is_needed=False),
    ),
    "814_02": SwitchReject(
        reference="230110410202501151102001234567",
        date=dt.date(2025, 1, 15),
        original_reference="CR20250115A0001",
        esi_id=ONCOR_POINT,
        tdsp=ONCOR,
        retailer=RETAILER,
        service="SW",
        action="U",
        change="021",
        rejects=(Reason("A76", "ESI ID NOT FOUND"),),
    ),
    "814_05": EnrollmentResponse(
        reference="230110410202501161325371480555",
        date=dt.date(2025, 1, 16),
        original_reference="CR20250115A0001",
        esi_id=ONCOR_POINT,
        tdsp=ONCOR,
        retailer=RETAILER,
        service="SW",
        history="HU",
        action="WQ",
        change="021",
        customer=Contact(
            name="JANE SAMPLE",
            address1="100 MAIN ST",
            address2="APT 1",
            city="DALLAS",
            state="TX",
            zip_code="75001",
        ),
        station="WHTRK",
        loss_factor="A",
        premise_type="01",
        scheduled_date=dt.date(2025, 1, 20),
        meters=(
            Meter(
                number="100000001LG",
                multipliers=(OfRegister("1", "KHMON"),),
                dials=(OfRegister("5.0", "KHMON"),),
                load_profile="RESHIWR_NCENT_IDR_WS_NOTOU",
                read_cycle="17",
                ams_indicator="AMSR",
            ),
        ),
    ),
    "814_06": LossNotice(
        reference="230110410202501210800000000006",
        date=dt.date(2025, 1, 21),
        original_reference="OTHERCR0001",
        esi_id=ONCOR_POINT,
        tdsp=ONCOR,
        retailer=RETAILER,
        service="SW",
        end_date=dt.date(2025, 1, 23),
    ),
    "814_08": CancelRequest(
        reference="CR20250117C0001",
        date=dt.date(2025, 1, 17),
        original_reference="CR20250115A0001",
        esi_id=ONCOR_POINT,
        tdsp=ONCOR,
        retailer=RETAILER,
        service="SW",
        reasons=(Reason("B40"),),
    ),
    "814_12": DateChangeRequest(
        reference="CR20250117D0001",
        date=dt.date(2025, 1, 17),
        original_reference="CR20250116M0001",
        esi_id=CENTERPOINT_POINT,
        tdsp=CENTERPOINT,
        retailer=RETAILER,
        service="MVI",
        changes=(Reason("DTM375"),),
        move_in_date=dt.date(2025, 1, 25),
        counter=Moment(dt.date(2025, 1, 17), dt.time(10, 15)),
    ),
    "814_16": MoveInRequest(
        reference="CR20250116M0001",
        date=dt.date(2025, 1, 16),
        esi_id=CENTERPOINT_POINT,
        tdsp=CENTERPOINT,
        retailer=RETAILER,
        service="MVI",
        history="HU",
        customer=Contact(
            name="JOHN SAMPLE",
            address1="200 OAK DR",
            city="HOUSTON",
            state="TX",
            zip_code="77001",
            contact_name="JOHN SAMPLE",
            phone="7135550100",
        ),
        priority="01",
        special_needs=SpecialNeeds(is_needed=False),
        requested_date=dt.date(2025, 1, 20),
    ),
    "814_16_inadvertent": MoveInRequest(
        reference="CR20250122I0001",
        date=dt.date(2025, 1, 22),
        order_type="IA",
        esi_id=CENTERPOINT_POINT,
        tdsp=CENTERPOINT,
        retailer=RETAILER,
        service="MVI",
        customer=Contact(name="JOHN SAMPLE"),
        requested_date=dt.date(2025, 1, 10),
    ),
    "814_17": MoveInReject(
        reference="230110410202501161102001234568",
        date=dt.date(2025, 1, 16),
        original_reference="CR20250116M0001",
        esi_id=CENTERPOINT_POINT,
        tdsp=CENTERPOINT,
        retailer=RETAILER,
        service="MVI",
        action="U",
        change="021",
        rejects=(Reason("DUP", "DUPLICATE"), Reason("A13", "SEE TEXT")),
    ),
    "814_18": CsaRequest(
        reference="CR20250110S0001",
        date=dt.date(2025, 1, 10),
        esi_id=ONCOR_POINT,
        tdsp=ONCOR,
        retailer=RETAILER,
        change="021",
        customer=Contact(name="SAMPLE APARTMENTS LLC"),
        start_date=dt.date(2025, 2, 1),
        end_date=dt.date(2026, 1, 31),
    ),
    "814_20": EsiIdMaintenance(
        reference="230110410202501200800000000003",
        date=dt.date(2025, 1, 20),
        esi_id=ONCOR_POINT,
        tdsp=ONCOR,
        retailer=RETAILER,
        change="001",
        changes=(Reason("REFZSH"),),
        has_switch_hold=True,
        effective_date=dt.date(2025, 1, 20),
    ),
    "814_24": MoveOutRequest(
        reference="2276133",
        date=dt.date(2013, 3, 9),
        esi_id=CENTERPOINT_POINT,
        tdsp=CENTERPOINT,
        retailer=RETAILER,
        service="MVO",
        customer=Contact(
            name="SAMPLE PROPERTY MANAGEMENT LLC",
            address1="300 ELM RD",
            city="STAFFORD",
            state="TX",
            zip_code="77000",
            contact_name="SAMPLE CONTACT",
            phone="2815550100",
        ),
        requested_date=dt.date(2013, 3, 12),
    ),
    "814_25_accept": MoveOutResponse(
        reference="E2025000000000000000000000004",
        date=dt.date(2013, 3, 11),
        original_reference="2276133",
        esi_id=CENTERPOINT_POINT,
        tdsp=CENTERPOINT,
        retailer=RETAILER,
        service="MVO",
        action="WQ",
        change="002",
        end_date=dt.date(2013, 3, 12),
    ),
    "814_25_reject": MoveOutResponse(
        reference="E2025000000000000000000000005",
        date=dt.date(2013, 3, 11),
        original_reference="2276133",
        esi_id=CENTERPOINT_POINT,
        tdsp=CENTERPOINT,
        retailer=RETAILER,
        service="MVO",
        action="U",
        change="002",
        rejects=(Reason("I2M", "INVALID SECOND MOVE OUT"),),
    ),
    "814_26": HistoryRequest(
        reference="CR20250111H0001",
        date=dt.date(2025, 1, 11),
        esi_id=ONCOR_POINT,
        tdsp=ONCOR,
        retailer=RETAILER,
        history="HU",
    ),
    "814_28": Unexecutable(
        reference="TDSP20250121U0001",
        date=dt.date(2025, 1, 21),
        original_reference="CR20250116M0001",
        order_type="09",
        esi_id=CENTERPOINT_POINT,
        tdsp=CENTERPOINT,
        retailer=RETAILER,
        service="MVI",
        reasons=(Reason("T019", "METER TAMPERING FOUND"),),
        attempt_date=dt.date(2025, 1, 20),
    ),
    "814_PC": CustomerInformation(
        reference="2234364",
        date=dt.date(2025, 1, 10),
        esi_id="10204040000000001",
        tdsp=Party("AEP TEXAS NORTH", "007923311"),
        retailer=RETAILER,
        customer=Contact(
            name="JANE SAMPLE",
            address1="400 PINE AVE",
            city="ABILENE",
            state="TX",
            zip_code="79601",
            contact_name="JANE SAMPLE",
            phone="3255550100",
        ),
        special_needs=SpecialNeeds(is_needed=False),
    ),
    "650_01": ServiceOrder(
        reference="CR20250122X0001",
        date=dt.date(2025, 1, 22),
        category="72",
        action="IT",
        esi_id=ONCOR_POINT,
        tdsp=ONCOR,
        retailer=RETAILER,
        purpose="DC001",
        customer=JANE,
        priority="01",
        location="MTR",
        special_needs=SpecialNeeds(is_needed=False),
        is_friday_authorized=True,
        requested_date=dt.date(2025, 1, 24),
    ),
    "650_02_complete": ServiceOrderResponse(
        reference="SB7023315679",
        date=dt.date(2025, 1, 24),
        original_reference="CR20250122X0001",
        category="72",
        action="51",
        esi_id=ONCOR_POINT,
        tdsp=ONCOR,
        retailer=RETAILER,
        purpose="DC001",
        completed=Moment(dt.date(2025, 1, 24), dt.time(9, 19)),
    ),
    "650_02_reject": ServiceOrderResponse(
        reference="SB7023315680",
        date=dt.date(2025, 1, 24),
        original_reference="CR20250122X0001",
        category="72",
        action="U",
        esi_id=ONCOR_POINT,
        tdsp=ONCOR,
        retailer=RETAILER,
        purpose="DC001",
        rejects=(Reason("WTM", "WEATHER MORATORIUM"),),
    ),
    "650_04": OutageNotice(
        reference="TDSP20250123S0001",
        date=dt.date(2025, 1, 23),
        action="S2",
        esi_id=ONCOR_POINT,
        tdsp=ONCOR,
        retailer=RETAILER,
        reasons=(Reason("TM001"),),
        interrupted=Moment(dt.date(2025, 1, 24), dt.time(9)),
        estimated_restoration=Moment(dt.date(2025, 1, 24), dt.time(14)),
    ),
    "824": ApplicationAdvice(
        reference="CR20250201R0001",
        date=dt.date(2025, 2, 1),
        original_reference="8100000000000000001Z11",
        esi_id=ONCOR_POINT,
        tdsp=ONCOR,
        retailer=RETAILER,
        document=RejectedDocument(
            acknowledgment="TR",
            qualifier="IV",
            reference="8100000000000000001Z11",
            set_code="810",
        ),
        rejects=(Reason("A13", "REASON TEXT"),),
    ),
    "constructed_820_02": Remittance(
        reference="REPTRACE0000001",
        date=dt.date(2026, 3, 26),
        tdsp=Party("SAMPLE TDSP", "1039940674000"),
        retailer=Party("SAMPLE REP", "999999999"),
        handling="I",
        total_usd=Decimal("232.25"),
        credit_or_debit="C",
        method="ACH",
        format="CCP",
        payments=(
            InvoicePayment(
                invoice_reference="8100000000000000001Z11",
                amount_usd=Decimal("220.90"),
                esi_id="10443720000000001",
            ),
            InvoicePayment(
                invoice_reference="8100000000000000002Z11",
                amount_usd=Decimal("11.35"),
                esi_id="10443720000000002",
            ),
        ),
    ),
}

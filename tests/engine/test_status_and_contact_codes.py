"""Status, contact, history, screening and social codes, and symptoms, as US notes write them."""

from __future__ import annotations

from datetime import date

import pytest

from suggest import Encounter, Suggester

OFFICE = Encounter(type="outpatient", date_of_service=date(2026, 3, 1))


def codes(suggester: Suggester, text: str) -> dict[str, float]:
    return {s.code: s.probability for s in suggester.suggest(text, OFFICE, top=None)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tdap given today.", {"Z23"}),
        ("Preventive visit. Found to have a thyroid nodule on exam.", {"Z00.01"}),
        ("Here for preop clearance before cataract surgery.", {"Z01.818"}),
        ("Exposed to pertussis at school.", {"Z20.818"}),
        ("Mirena IUD inserted today.", {"Z30.430"}),
        ("Old IUD removed and replaced with new Mirena.", {"Z30.433"}),
        ("Six weeks s/p right TKA, doing well.", {"Z96.651"}),
        ("Here for chemo, FOLFOX C4D1.", {"Z51.11"}),
        ("No transportation, food insecurity.", {"Z59.82", "Z59.41"}),
        ("Does not have health insurance.", {"Z59.71"}),
        ("Can't afford insulin.", {"Z91.120"}),
        ("Has not been taking his medications.", {"Z91.148"}),
        ("Cannot read or write.", {"Z55.0"}),
        ("Immunizations are not up to date.", {"Z28.39"}),
        ("PMH: DVT right leg 2015", {"Z86.718"}),
        ("Past Medical History:\n- Gout\n- Hip fracture", {"Z87.81"}),
        ("Splenectomy 1995 after an accident.", {"Z90.81"}),
        ("Right AKA.", {"Z89.611"}),
        ("Colon cancer, NED since the resection.", {"Z85.038"}),
        ("Family history: breast cancer in the mother.", {"Z80.3"}),
        ("10 y/o, BMI at the 98th percentile.", {"Z68.54"}),
        ("ESRD on HD MWF.", {"Z99.2"}),
        ("Prenatal visit, G3P2 at 30 weeks gestation.", {"Z34.83"}),
        ("N/V/D since yesterday.", {"R11.2", "R19.7"}),
        ("Fell 3 times, falls this month.", {"R29.6"}),
    ],
)
def test_the_code_is_suggested(suggester: Suggester, text: str, expected: set[str]) -> None:
    assert expected <= codes(suggester, text).keys()


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Immunizations up to date.", "Z23"),
        ("Immunizations up to date.", "Z28"),
        ("Last Tdap 2019.", "Z23"),
        ("Has transportation, no concerns.", "Z59"),
        ("No transportation or housing issues.", "Z59.82"),
        ("Taking insulin daily, no problems.", "Z91.1"),
        ("History of asthma, now with pneumonia.", "Z87.01"),
        ("Pneumonia, history of asthma.", "Z87.01"),
        ("UTI prior to admission.", "Z87.44"),
        ("Plan cholecystectomy in 12/2026.", "Z90"),
        ("Denies food insecurity or homelessness.", "Z59"),
        ("Lives with wife.", "Z60.2"),
        ("No known allergies.", "Z88"),
        ("Return if fever or shortness of breath.", "R"),
        ("Stress fracture of the foot.", "Z73.3"),
    ],
)
def test_the_code_is_not_suggested(suggester: Suggester, text: str, category: str) -> None:
    found = codes(suggester, text)
    assert not [c for c, p in found.items() if c.startswith(category) and p >= 0.025]

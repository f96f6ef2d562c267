"""What a note denies with "non-" or names as past is not read as its opposite."""

from __future__ import annotations

from datetime import date

import pytest

from suggest import Encounter, Suggester

VISIT = Encounter(type="outpatient", date_of_service=date(2026, 3, 1))


def codes(suggester: Suggester, text: str) -> list[str]:
    return [s.code for s in suggester.suggest(text, VISIT, top=None)]


@pytest.mark.parametrize("written", ["Non-toxic", "Non toxic", "Nontoxic"])
def test_a_goiter_that_is_not_toxic(suggester: Suggester, written: str) -> None:
    found = suggester.suggest(f"{written} multinodular goiter.", VISIT, top=None)
    assert found[0].code == "E04.2"
    assert found[0].evidence[0].text == f"{written} multinodular goiter"
    assert not any(s.code.startswith("E05") for s in found)


@pytest.mark.parametrize("written", ["Non-displaced", "Non displaced", "Nondisplaced"])
def test_a_fracture_that_is_not_displaced(suggester: Suggester, written: str) -> None:
    metatarsal = codes(suggester, f"{written} fracture of fifth metatarsal bone, left foot.")
    assert metatarsal[0] == "S92.355A"
    assert "S92.352A" not in metatarsal
    humerus = codes(suggester, f"{written} fracture of the surgical neck of the left humerus.")
    assert humerus[0] == "S42.215A"
    assert "S42.212A" not in humerus


@pytest.mark.parametrize("written", ["Non-pressure", "Non pressure", "Nonpressure"])
def test_an_ulcer_that_is_not_of_pressure(suggester: Suggester, written: str) -> None:
    found = codes(suggester, f"{written} ulcer of left calf.")
    assert found[0] == "L97.229"
    assert not any(code.startswith("L89") for code in found)


@pytest.mark.parametrize("text", ["Former smoker.", "Former smoker, quit 10 years ago."])
def test_who_smoked_does_not_smoke(suggester: Suggester, text: str) -> None:
    assert codes(suggester, text) == ["Z87.891"]


def test_who_smokes_is_no_former_smoker(suggester: Suggester) -> None:
    found = codes(suggester, "Current every day smoker, 1 pack of cigarettes per day.")
    assert found[0] == "F17.210"
    assert "Z87.891" not in found

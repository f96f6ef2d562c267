"""Each condition of a sentence keeps its own side and its own site."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest

from suggest import Encounter, Suggester

VISIT = Encounter(type="emergency", date_of_service=date(2026, 3, 1))
LEAST = 0.04
CLEARLY = 3.0  # times as probable

# A condition and its site, with the codes of the right and the left one.
CONDITIONS = {
    ("contusion", "knee"): ("S80.01XA", "S80.02XA"),
    ("abrasion", "elbow"): ("S50.311A", "S50.312A"),
    ("pain", "hip"): ("M25.551", "M25.552"),
    ("laceration", "hand"): ("S61.411A", "S61.412A"),
}
PAIRS = list(permutations(CONDITIONS, 2))


def found_in(suggester: Suggester, text: str) -> dict[str, float]:
    """The codes a coder sees, with their probabilities."""
    found = suggester.suggest(f"ASSESSMENT: {text}", VISIT, top=None)
    return {s.code: s.probability for s in found if s.probability >= LEAST}


@pytest.mark.parametrize(
    "template",
    [
        "{a} of the left {x} and {b} of the right {y}.",
        "{a} of left {x} and {b} of right {y}",
        "{a} of the left {x}, {b} of the right {y}.",
        "{a} of the left {x}; {b} of the right {y}.",
        "{a} of the {x} on the left and {b} of the {y} on the right.",
        "Left {x} {a}, right {y} {b}.",
        "Left {x} {a} and right {y} {b}.",
        "L {x} {a} & R {y} {b}.",
        "{x} {a}, left, {y} {b}, right.",
    ],
)
def test_two_conditions_keep_their_own_sides(suggester: Suggester, template: str) -> None:
    for first, second in PAIRS:
        (a, x), (b, y) = first, second
        text = template.format(a=a, x=x, b=b, y=y)
        found = found_in(suggester, text)
        expected = {CONDITIONS[first][1], CONDITIONS[second][0]}
        others = {code for pair in CONDITIONS.values() for code in pair} - expected
        assert expected <= found.keys(), text
        for code in others & found.keys():
            own = next(c for c in expected if c[:3] == code[:3])
            assert found[own] > CLEARLY * found[code], text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bilateral knee osteoarthritis and right hip pain.", {"M17.0", "M25.551"}),
        ("Bilateral hip pain and right knee contusion.", {"M25.551", "M25.552", "S80.01XA"}),
        ("Bilateral knee pain, left otitis media.", {"M25.561", "M25.562", "H66.92"}),
        ("Pain in the left shoulder and right knee.", {"M25.512", "M25.561"}),
        ("Left hip and knee pain.", {"M25.552", "M25.562"}),
        ("Laceration of right hand and left forearm.", {"S61.411A", "S51.812A"}),
        ("Fracture of left clavicle, dislocation of right shoulder.", {"S42.002A", "S43.004A"}),
    ],
)
def test_one_word_serves_several_sites(suggester: Suggester, text: str, expected: set[str]) -> None:
    assert expected <= found_in(suggester, text).keys()


@pytest.mark.parametrize(
    ("text", "unsided"),
    [
        ("Left knee osteoarthritis and carpal tunnel syndrome.", "G56.00"),
        ("Left hip fracture, otitis media.", "H66.90"),
        ("Left clavicle fracture; carpal tunnel syndrome.", "G56.00"),
    ],
)
def test_a_side_is_not_carried_to_another_condition(
    suggester: Suggester, text: str, unsided: str
) -> None:
    found = found_in(suggester, text)
    for code in found.keys() - {unsided}:
        assert code[:3] != unsided[:3] or found[unsided] > CLEARLY * found[code]
    assert unsided in found


@pytest.mark.parametrize(
    ("text", "code", "unsided"),
    [
        ("Right carpal tunnel syndrome.", "G56.01", "G56.00"),
        ("Otitis media of the left ear.", "H66.92", "H66.90"),
        ("Contusion of left knee.", "S80.02XA", "S80.00XA"),
    ],
)
def test_a_documented_side_leaves_no_unspecified_one(
    suggester: Suggester, text: str, code: str, unsided: str
) -> None:
    found = {s.code: s for s in suggester.suggest(f"ASSESSMENT: {text}", VISIT, top=None)}
    assert found[code].unspecified_because != "laterality not documented"
    assert unsided not in found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Otitis media.", "H66.90"),
        ("Carpal tunnel syndrome.", "G56.00"),
        ("Osteoarthritis of knee.", "M17.9"),
        ("Primary osteoarthritis of the knee.", "M17.10"),
        ("Osteoarthritis of hip.", "M16.9"),
        ("Contusion of knee.", "S80.00XA"),
        ("Cysts of eyelid.", "H02.829"),
        ("Age-related nuclear cataract.", "H25.10"),
        ("Lateral epicondylitis.", "M77.10"),
    ],
)
def test_a_side_that_is_missing_is_said_to_be(suggester: Suggester, text: str, code: str) -> None:
    found = {s.code: s for s in suggester.suggest(f"ASSESSMENT: {text}", VISIT, top=3)}
    assert found[code].unspecified_because == "laterality not documented"


def test_where_no_code_is_for_an_unspecified_side_both_stand_with_the_gap(
    suggester: Suggester,
) -> None:
    found = {
        s.code: s.unspecified_because
        for s in suggester.suggest("ASSESSMENT: Brown's sheath syndrome.", VISIT, top=None)
    }
    assert found["H50.611"] == found["H50.612"] == "laterality not documented"
    found = {
        s.code: s.unspecified_because
        for s in suggester.suggest("ASSESSMENT: Brown's sheath syndrome, left.", VISIT, top=None)
    }
    assert "H50.611" not in found
    assert found["H50.612"] is None

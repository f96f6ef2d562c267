"""External causes of injuries: what a sentence tells of an event, and what only sounds like it.

Asked is whether a code is a candidate at all, so that no fitting of the ranker matters.
"""

from __future__ import annotations

from datetime import date

import pytest

from suggest import Encounter, Suggester
from suggest.engine.events import EventReader
from suggest.text import analyse

DATE = date(2026, 3, 2)
FIRST = Encounter(type="emergency", date_of_service=DATE)
LATER = Encounter(type="outpatient", date_of_service=DATE)
CAUSES = ("V", "W", "X", "Y")


def candidates(suggester: Suggester, text: str, encounter: Encounter) -> set[str]:
    """The codes that may be suggested for a text, whatever their probability."""
    note, valid = analyse(text), suggester.codeset.on(DATE).valid_billable
    reading = suggester._finder.read(note, encounter)
    found = suggester._finder.find(reading, encounter, valid)
    return {c.code for c in suggester._rules.apply(reading, found, encounter, valid)}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Slipped on ice in the driveway of her house and fell.", "W00.0XXA Y92.014"),
        ("Tripped over a rug and fell, striking her head on the coffee table.", "W01.190A"),
        ("Fell off a ladder at a construction site.", "W11.XXXA Y92.61"),
        ("Stumbled on the sidewalk without falling.", "W18.40XA Y92.480"),
        ("Fell off the toilet in the bathroom at her nursing home.", "W18.11XA Y92.121"),
        ("78 y/o from a nursing home s/p unwitnessed fall.", "W19.XXXA Y92.129"),
        ("While at work a coworker dropped a steel beam on his right foot.", "W20.8XXA Y99.0"),
        ("Cut left index finger with a kitchen knife while slicing tomatoes.", "W26.0XXA Y93.G1"),
        ("Pulled by her dog while walking the dog.", "W54.8XXA Y93.K1"),
        ("Raccoon bite to the left hand.", "W55.51XA S61.452A"),
        ("Struck by a vehicle while riding her bicycle.", "V13.4XXA Y93.55"),
        ("Restrained driver, rear-ended at a stop light by an SUV.", "V43.51XA"),
        ("Grease burn to left forearm while frying chicken at home.", "X10.2XXA Y93.G3 Y92.009"),
        ("Low back strain after lifting a heavy box at work.", "X50.0XXA S39.012A Y99.0"),
        ("Cut both wrists with a kitchen knife in a suicide attempt.", "X78.1XXA"),
        ("Physically abused by her father.", "Y07.11"),
        ("Volunteer firefighter injured his right knee at a fire.", "Y99.2"),
        ("Infected right knee prosthesis.", "T84.53XA Y83.1"),
        ("Radiation pneumonitis.", "J70.0 Y84.2"),
        # Told in the sentence beside it.
        ("He was playing basketball. He landed wrong and rolled his right ankle.", "Y93.67"),
        ("Laceration of the left thumb. This happened at work.", "S61.012A Y99.0"),
    ],
)
def test_what_brought_an_injury_about(suggester: Suggester, text: str, codes: str) -> None:
    assert set(codes.split()) <= candidates(suggester, text, FIRST)


@pytest.mark.parametrize(
    "text",
    [
        "Lives in a nursing home.",
        "Walks 3 miles a day and likes cooking.",
        "He fell asleep on the bus.",
        "Denies any falls at home.",
        "Fall risk assessment completed in the hospital.",
        "Plays basketball twice a week at school.",
        "Works at a construction site.",
        "Acute kidney injury. Cooks at home.",
        "Panic attacks at work and at the grocery store.",
        "Swimming at the pool a lot this summer and fall.",
        "She used to play soccer in high school and had other injuries.",
        "If you fall at home, return to the emergency department.",
        "Flu shot given. Drives to work.",
        "Social History: fell at work as a roofer, now retired.",
    ],
)
def test_places_and_activities_without_an_injury(suggester: Suggester, text: str) -> None:
    assert not [c for c in candidates(suggester, text, FIRST) if c.startswith(CAUSES)]


def test_place_and_activity_are_of_the_first_encounter(suggester: Suggester) -> None:
    """Guidelines I.C.20.b, I.C.20.c and I.C.20.k."""
    told = "{}, which she broke when she fell in the kitchen while cooking."
    first = candidates(suggester, told.format("Right distal radius fracture"), FIRST)
    later = candidates(suggester, told.format("Follow-up of a right wrist fracture"), LATER)
    assert {"Y92.000", "Y93.G3", "W19.XXXA"} <= first
    assert "W19.XXXD" in later
    assert not [c for c in later if c.startswith(("Y92", "Y93", "Y99"))]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Concussion.", "S06.0XAA"),
        ("Concussion without LOC.", "S06.0X0A"),
        ("Hit her head on a door. Denies LOC. Assessment: concussion.", "S06.0X0A"),
        ("Concussion with brief LOC.", "S06.0X1A"),
        ("Concussion. He lost consciousness.", "S06.0X9A"),
        ("R 5th finger lac.", "S61.216A"),
        ("Laceration of left 4th finger.", "S61.215A"),
        ("Jammed left pinky finger.", "S63.617A"),
        ("Stiffness of right wrist, sequela of old fracture of right radius.", "S52.91XS"),
    ],
)
def test_details_in_other_words_than_the_titles(suggester: Suggester, text: str, code: str) -> None:
    assert code in candidates(suggester, text, FIRST)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Tripped over the dog.", True),
        ("Fell into a hole.", True),
        ("No injury.", False),
        ("Fell ill at work.", False),
        ("Hurt his back 10 years ago.", False),
        ("Mother fell and broke her hip.", False),
    ],
)
def test_events(text: str, told: bool) -> None:
    assert EventReader().of(analyse(text)).tells(0) is told

"""Conditions of a pregnant woman, of childbirth and after it, and of a newborn.

Guidelines I.C.15.a.1, I.C.15.a.3, I.C.15.b, I.C.16.a, I.C.16.d: the codes of a chapter stand on the
record that they belong to, and on no other.
"""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from suggest import Encounter, Suggester
from suggest.engine import gestation
from suggest.engine.stay import (
    CHILD,
    CHILDBIRTH,
    NEWBORN,
    PREGNANCY,
    PUERPERIUM,
    StayReader,
)
from suggest.text import analyse

DAY = date(2026, 3, 2)
LEXICON = Path(__file__).parents[2] / "suggest" / "engine" / "lexicon"


def office(**known: object) -> Encounter:
    return Encounter(type="outpatient", date_of_service=DAY, **known)  # type: ignore[arg-type]


OFFICE = office()
STAY = Encounter(type="inpatient", date_of_service=DAY)


def codes(suggester: Suggester, text: str, encounter: Encounter) -> set[str]:
    return {s.code for s in suggester.suggest(text, encounter, top=None)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("33 y.o. G1P0 at 24 weeks with hypothyroidism.", {"O99.282", "E03.9", "Z3A.24"}),
        ("Pregnant at 11 weeks, smokes half a pack of cigarettes per day.", {"O99.331", "F17.210"}),
        ("G1P0 at 20w1d. Anxiety, stable on sertraline.", {"O99.342", "F41.9"}),
        ("28 yo G2P1 at 32w4d with chronic hypertension.", {"O10.013", "Z3A.32"}),
        ("Type 2 diabetes, pregnant at 9w, on insulin.", {"O24.111", "E11.9"}),
        ("G2P1 at 36 weeks. GBS positive on rectovaginal culture.", {"O99.820"}),
        ("G4P3 at 17 weeks with UTI, urine culture E. coli.", {"O23.42"}),
        ("A2GDM on glyburide at 35w1d.", {"O24.415"}),
        ("Braxton Hicks contractions at 38w.", {"O47.1"}),
        ("Threatened preterm labor at 29 weeks, no cervical change.", {"O47.03"}),
        ("Previous low transverse cesarean, 37w.", {"O34.211"}),
        ("Postpartum visit, 6 weeks postpartum. Postpartum depression.", {"F53.0", "Z39.2"}),
    ],
)
def test_conditions_of_pregnancy_take_its_codes(
    suggester: Suggester, text: str, expected: set[str]
) -> None:
    assert expected <= codes(suggester, text, OFFICE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vaginal delivery. Hypothyroidism on levothyroxine.", {"O99.284", "E03.9"}),
        ("Vaginal delivery. GBS positive, penicillin in labor.", {"O99.824"}),
        ("Gestational hypertension at 37w, delivered vaginally. Live male infant.", {"O13.4"}),
        ("SVD at 39w2d of a viable female infant.", {"O80", "Z37.0", "Z3A.39"}),
        ("Cesarean delivery. Acute blood loss anemia, Hgb 7.2.", {"O90.81", "D62"}),
        ("3rd degree perineal tear (3b) at delivery, repaired.", {"O70.22"}),
        ("Twin vaginal delivery, both liveborn, at 36w.", {"Z37.2"}),
        ("Preterm labor with preterm delivery at 35w1d.", {"O60.14X0"}),
        ("Infant born at 34w2d, 2100 g, by C-section.", {"Z38.01", "P07.18", "P07.37"}),
        ("SGA newborn, 39 weeks, 2300 g.", {"P05.18"}),
        ("Newborn weight 4650 g, LGA.", {"P08.0"}),
        ("Jaundice in 4 day old newborn.", {"P59.9"}),
        ("Right clavicle fracture from shoulder dystocia, newborn.", {"P13.4"}),
    ],
)
def test_a_stay_takes_the_codes_of_its_record(
    suggester: Suggester, text: str, expected: set[str]
) -> None:
    assert expected <= codes(suggester, text, STAY)


@pytest.mark.parametrize(
    ("text", "encounter", "prefixes"),
    [
        ("She is trying to get pregnant. Hypothyroidism.", OFFICE, ("O", "Z3A")),
        ("Pregnancy test negative. Iron deficiency anemia.", OFFICE, ("O", "Z33")),
        ("G2P2, LMP 2 weeks ago. Hypertension.", OFFICE, ("O", "Z3A")),
        ("Discussed risks of lisinopril in pregnancy. Hypertension.", OFFICE, ("O",)),
        ("Wife is pregnant. Anxiety.", OFFICE, ("O", "Z3")),
        ("Her daughter is 24 weeks pregnant. Hypertension.", OFFICE, ("O10", "Z3A")),
        ("Knee pain for 20 weeks. Will recheck in 34 weeks.", OFFICE, ("O", "Z3A")),
        ("Two prior vaginal deliveries. Stress incontinence.", OFFICE, ("O80", "Z37")),
        ("Her newborn grandson is well. Depression.", OFFICE, ("P", "Z38", "O")),
        ("Mother had gestational diabetes.", OFFICE, ("O24", "P70")),
        ("Gestational hypertension at 37w0d, G1P0.", OFFICE, ("O10", "I10")),
        ("Vaginal delivery, GBS positive. Viable infant.", STAY, ("P", "Z38", "O80")),
        ("Term newborn born to a 28 yo G2P1 mother with GDM.", STAY, ("O", "Z37", "E11")),
        ("Vaginal delivery at 39w0d. Discharged PPD 2.", STAY, ("F17", "R76")),
        ("22-month-old, birth weight 2040 g, cough.", OFFICE, ("P07.1", "O")),
        ("Fetal ventriculomegaly at 22w, G1P0.", OFFICE, ("O99.35",)),
    ],
)
def test_another_record_has_none_of_them(
    suggester: Suggester, text: str, encounter: Encounter, prefixes: tuple[str, ...]
) -> None:
    assert not [c for c in codes(suggester, text, encounter) if c.startswith(prefixes)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GDM, diet controlled, 33w.", [33]),
        ("Seen @ 38+4 with contractions.", [38]),
        ("Rh negative, RhoGAM at 28 weeks.", [28]),
        ("Follow up in 6 weeks.", []),
        ("Pain for 12 weeks.", []),
        ("6 weeks postpartum.", []),
        ("Prior delivery at 34w0d, now 20w1d.", [20]),
        ("At 6 weeks after surgery.", []),
    ],
)
def test_weeks_are_those_of_this_pregnancy(text: str, expected: list[int]) -> None:
    assert [number for _, _, number in gestation.weeks(text)] == expected


@pytest.mark.parametrize(
    ("text", "encounter", "expected"),
    [
        ("G1P0 at 28w0d, prenatal visit.", OFFICE, PREGNANCY),
        ("Delivered a viable male infant over intact perineum.", STAY, CHILDBIRTH),
        ("Here for 6 week postpartum visit s/p NSVD.", OFFICE, PUERPERIUM),
        ("Readmitted, 10 days postpartum after cesarean delivery.", STAY, PUERPERIUM),
        ("DOL 5, ex 30w4d infant in the NICU.", STAY, NEWBORN),
        ("14 month old with fever.", OFFICE, CHILD),
        ("Infant seen for cough.", office(age=0), CHILD),
        ("Pregnant at 20 weeks.", office(sex="M"), ""),
        ("s/p cesarean 2010. Knee pain.", OFFICE, ""),
        ("Not pregnant.", OFFICE, ""),
        ("The wound is 3 days old. Depression.", OFFICE, ""),
        ("Stress with newborn at home. Works as a teacher. Depression.", OFFICE, ""),
    ],
)
def test_whose_record_a_note_is(text: str, encounter: Encounter, expected: str) -> None:
    assert StayReader().read(analyse(text), encounter).period == expected


def test_the_tables_name_codes_that_exist(suggester: Suggester) -> None:
    with (LEXICON / "obstetric.tsv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert all(r["code"] == "-" or r["code"] in suggester.codeset for r in rows)
    assert len({tuple(r.values())[:4] for r in rows}) == len(rows)
    with (LEXICON / "maternity.tsv").open(encoding="utf-8") as lines:
        cues = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert all(not r["code"] or r["code"] in suggester.codeset for r in cues)
    assert len({(r["pattern"], r["says"], r["code"]) for r in cues}) == len(cues)


def test_the_patterns_are_in_lower_case() -> None:
    """Notes are read in lower case; "\\S" is no letter."""
    with (LEXICON / "maternity.tsv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert not [r for r in rows if re.search("[A-Z]", re.sub(r"\\[A-Z]", "", r["pattern"]))]

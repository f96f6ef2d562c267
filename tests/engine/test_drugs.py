"""What drugs did: adverse effect, underdosing, poisoning, toxic effect (I.C.19.e); long-term drugs.

Whether a code is suggested at all is tested, not its rank.
"""

from __future__ import annotations

from datetime import date

import pytest

from suggest import Encounter, Suggester
from suggest.engine.normal import read_rows
from suggest.engine.phrases import is_of

VISIT = Encounter(type="outpatient", date_of_service=date(2026, 3, 1))
COLUMNS = {"a": "5", "u": "6", "p": "1", "t": "1", "x": "1"}


def suggested(suggester: Suggester, text: str) -> set[str]:
    return {s.code for s in suggester.suggest(text, VISIT, top=None)}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Angioedema due to lisinopril.", "T46.4X5A"),
        ("GI bleed while on Eliquis.", "T45.515A D68.32"),
        ("Steroid-induced hyperglycemia.", "T38.0X5A R73.9"),
        ("Statin myopathy.", "T46.6X5A"),
        ("Chemotherapy induced neutropenia.", "D70.1 T45.1X5A"),
        ("Neutropenia due to clozapine.", "D70.2 T43.595A"),
        ("Hypotension due to lisinopril and amlodipine.", "I95.2 T46.4X5A T46.1X5A"),
        ("He started Bactrim 5 days ago and now has a pruritic rash.", "T37.0X5A"),
        ("Could not tolerate metformin because of GI upset.", "T38.3X5A"),
        ("Achilles tendinitis due to levofloxacin.", "T36.AX5A"),
        ("Immunotherapy-induced pneumonitis.", "T45.AX5A"),
        ("He ran out of his lisinopril and carvedilol.", "T46.4X6A T44.7X6A Z91.138"),
        ("Not taking insulin because she cannot afford it.", "T38.3X6A Z91.120"),
        ("Nonadherent with levothyroxine.", "T38.1X6A Z91.148"),
        ("Dementia, forgets to take her metoprolol.", "T44.7X6A Z91.130"),
        ("Schizophrenia, off Abilify for 2 months.", "T43.596A"),
        ("Took 40 tablets of ibuprofen. She stated she wanted to die.", "T39.312A"),
        ("Overdose of gabapentin, undetermined intent.", "T42.6X4A"),
        ("Fentanyl overdose.", "T40.411A"),
        ("Mistakenly took his wife's glipizide.", "T38.3X1A"),
        ("Carbon monoxide poisoning.", "T58.91XA"),
        ("Stung by a wasp on the right forearm.", "T63.461A"),
        ("Child drank bleach.", "T54.91XA"),
        ("COPD on Trelegy.", "Z79.51"),
        ("SLE on Plaquenil, eye exam done.", "Z79.899"),
    ],
)
def test_what_a_drug_did(suggester: Suggester, text: str, codes: str) -> None:
    assert set(codes.split()) <= suggested(suggester, text)


@pytest.mark.parametrize(
    "text",
    [
        "He took his lisinopril this morning.",
        "Continue lisinopril, no cough.",
        "Denies bleeding on Eliquis.",
        "Denies missed doses of levetiracetam.",
        "She is allergic to lisinopril.",
        "Counseled on side effects of prednisone.",
        "No overdose, no ingestion reported.",
        "Narcan kit prescribed for overdose prevention.",
        "Patient is not taking any blood thinners.",
        "Seizure due to noncompliance, not due to Keppra.",
        "Rash improved with hydrocortisone cream.",
        "Hypotension responded to fluids after metoprolol was held.",
        "Past Medical History: statin intolerance, GERD.",
        "Anemia due to iron deficiency.",
        "Completed antibiotics 2 weeks ago.",
        "Patient was off Plavix for 7 days before the procedure per cardiology.",
        "Ibuprofen 600 mg every 6 hours as needed.",
        "Alcohol intoxication in the ED.",
        "Her father died of a heroin overdose.",
    ],
)
def test_what_a_drug_did_not(suggester: Suggester, text: str) -> None:
    found = suggested(suggester, text)
    assert not {code for code in found if "T36" <= code < "T66"}


@pytest.mark.parametrize(
    "text",
    ["Consider Humira if methotrexate fails.", "Her mother takes Trelegy.", "Start Flovent today."],
)
def test_a_drug_that_is_not_taken_for_long(suggester: Suggester, text: str) -> None:
    assert not {c for c in suggested(suggester, text) if c in ("Z79.51", "Z79.620", "Z79.631")}


def test_an_effect_brings_its_drug_and_both_their_words(suggester: Suggester) -> None:
    text = "Cough secondary to lisinopril."
    found = next(s for s in suggester.suggest(text, VISIT, top=None) if s.code == "T46.4X5A")
    assert [e.text for e in found.evidence] == ["secondary to lisinopril"]


def test_a_named_drug_leaves_no_unnamed_one(suggester: Suggester) -> None:
    found = suggested(suggester, "Drug-induced lupus due to hydralazine.")
    assert "T46.5X5A" in found
    assert "T50.905A" not in found


def test_the_table_names_codes_that_exist_each_drug_once(suggester: Suggester) -> None:
    rows = list(read_rows("drugs.tsv"))
    assert len({row["drug"] for row in rows}) == len(rows) > 400
    for row in rows:
        for role in set(row["roles"]) & COLUMNS.keys():
            assert row["stem"] + COLUMNS[role] in suggester.codeset, row["drug"]


def test_the_cues_and_disorders_name_codes_that_exist(suggester: Suggester) -> None:
    cues = list(read_rows("drug_cues.tsv"))
    disorders = list(read_rows("drug_induced.tsv"))
    assert len({(r["cue"], r["role"], r["side"]) for r in cues}) == len(cues)
    assert len({(r["effect"], r["stems"], r["code"]) for r in disorders}) == len(disorders)
    effects = [row["effect"] for row in read_rows("drug_effects.tsv")]
    assert len(set(effects)) == len(effects)
    for row in (*cues, *disorders):
        assert not row["code"] or suggester.codeset[row["code"]].billable, row


def test_stems_may_be_named_by_what_they_are_not() -> None:
    assert is_of("", "T45.1X")
    assert is_of("T38.0 T45.1", "T45.1X")
    assert not is_of("!T45.1 !T38.0", "T45.1X")

"""How far a cue speaks in the shorthand of US notes."""

from __future__ import annotations

import pytest

from suggest.text import Assertion, Span, analyse


def said_of(text: str, phrase: str) -> Assertion:
    start = text.index(phrase)
    return analyse(text).assertion(Span(start, start + len(phrase))).assertion


@pytest.mark.parametrize(
    ("text", "phrase", "assertion"),
    [
        ("FH: father MI. Allergies NKDA.\nExam: ill.\n\n1. Sepsis w/ AKI", "MI", "family"),
        ("FH: father MI. Allergies NKDA.\nExam: ill.\n\n1. Sepsis w/ AKI", "Sepsis", "affirmed"),
        ("Family history: mother stroke.\nGraves disease w/o storm.", "Graves", "affirmed"),
        ("FAMILY HISTORY\nDiabetes, stroke\n\nPneumonia today.", "stroke", "family"),
        ("FAMILY HISTORY\nDiabetes, stroke\n\nPneumonia today.", "Pneumonia", "affirmed"),
        ("FAMILY HISTORY\nMother: asthma\n\nFather: gout", "gout", "family"),
        ("Thrombocytopenia - stable, hypersplenism likely.", "Thrombocytopenia", "affirmed"),
        ("Thrombocytopenia - stable, hypersplenism likely.", "hypersplenism", "possible"),
        ("Chronic cough - rule out asthma vs reflux.", "Chronic cough", "affirmed"),
        ("Chronic cough - rule out asthma vs reflux.", "reflux", "possible"),
        ("RRMS, no evidence of relapse - continue ocrelizumab.", "ocrelizumab", "affirmed"),
        ("Meds: furosemide 20 prn (rare), aspirin 81.", "aspirin", "affirmed"),
        ("tylenol prn pain or fever", "fever", "hypothetical"),
        ("Without dyskinesia or freezing, dementia moderate.", "freezing", "negated"),
        ("Without dyskinesia or freezing, dementia moderate.", "dementia", "affirmed"),
        ("Oppositional defiant disorder - parent management training.", "Oppo", "affirmed"),
        ("Generalized seizure, witnessed by family members.", "seizure", "affirmed"),
        ("asthma, HIV/RPR/HBsAg neg, no fever.", "HIV", "negated"),
    ],
)
def test_a_cue_speaks_of_its_own_statement(text: str, phrase: str, assertion: str) -> None:
    assert said_of(text, phrase) is Assertion(assertion)

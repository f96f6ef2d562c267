"""How US clinicians word common diagnoses: each reads as the code that a coder gives."""

from __future__ import annotations

from datetime import date

import pytest

from suggest import Encounter, Suggester

STAY = Encounter(type="inpatient", date_of_service=date(2026, 3, 2))


def found(suggester: Suggester, text: str) -> set[str]:
    return {s.code for s in suggester.suggest(text, STAY, top=None)}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("1. ADHF, a/c diastolic HF - IV diuresis", "I50.33"),
        ("Decompensated diastolic HF", "I50.33"),
        ("AFRVR - rate controlled with metoprolol", "I48.91"),
        ("MSSA endocarditis of the mitral valve", "I33.0 B95.61"),
        ("Type A aortic dissection s/p repair", "I71.010"),
        ("AHRF w/ hypoxia and hypercapnia 2/2 COPD exac", "J96.01 J96.02 J44.1"),
        ("Influenza A with pneumonia", "J10.00"),
        ("Crohn's colitis with rectal bleeding", "K50.111"),
        ("Ileocolonic Crohn's with SBO", "K50.812"),
        ("Sepsis 2/2 R foot cellulitis", "A41.9 L03.115"),
        ("Cellulitis right hand", "L03.113"),
        ("BLE cellulitis", "L03.115 L03.116"),
        ("Abscess of left forearm, I&D done", "L02.414"),
        ("R heel DTI", "L89.616"),
        ("DFU left heel with bone necrosis, DM2", "E11.621 L97.424"),
        ("Stress fracture left metatarsal", "M84.375A"),
        ("Left hip fracture due to osteoporosis", "M80.052A"),
        ("Cervical DDD C5-6", "M50.322"),
        ("Degenerative tear of medial meniscus, right knee", "M23.203"),
        ("POAG OS, moderate stage", "H40.1122"),
        ("Wet AMD OD with active CNV", "H35.3211"),
        ("Geographic atrophy OS without foveal involvement", "H35.3123"),
        ("CRVO OS with macular edema", "H34.8120"),
        ("BRVO right eye", "H34.8312"),
        ("Blepharitis OU", "H01.003 H01.006"),
        ("Dermatochalasis RUL", "H02.831"),
        ("PVD OD", "H43.811"),
        ("Tinnitus AU", "H93.13"),
        ("Cerumen impaction AD", "H61.21"),
        ("Asymmetric SNHL", "H90.3"),
    ],
)
def test_a_wording_of_practice_names_its_codes(suggester: Suggester, text: str, codes: str) -> None:
    assert set(codes.split()) <= found(suggester, text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CHB, EP consulted for PPM", "G35.B0"),  # a pacemaker, no multiple sclerosis
        ("Type 2 MI due to anemia", "E11.9"),
        ("Type 2 NSTEMI", "I21.4"),
        ("Septic arthritis of the left knee", "A41.9"),
        ("Ischemic colitis", "K52.9"),
        ("Legionella pneumonia", "J18.9"),
        ("Malignant pleural effusion", "J90"),
        ("Chronic HFrEF. CHF, on Lasix.", "I50.9"),
        ("Influenza vaccine; a reaction to it", "J10.1"),
        ("Type B aortic dissection", "I71.010"),
        ("BRVO right eye", "H34.8310"),
        ("Lumbar spondylosis with radiculopathy", "M54.16"),
        ("Gastric ulcer with hemorrhage", "R58"),
        ("Ankle pain, OS trigonum on the left", "H57.12"),
        ("Pain in right hand and left foot", "M79.642"),
    ],
)
def test_a_wording_of_practice_names_no_other_code(
    suggester: Suggester, text: str, code: str
) -> None:
    assert code not in found(suggester, text)

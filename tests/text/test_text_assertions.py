"""What a note says of a mention: clinical sentences with the mention in braces."""

from __future__ import annotations

import pytest

from suggest.text import Analyser, Assertion, AssertionResult, Span, analyse


def marked(sentence: str) -> tuple[str, Span]:
    """The sentence without its braces, and the span of what they held."""
    start, end = sentence.index("{"), sentence.index("}") - 1
    return sentence.replace("{", "").replace("}", ""), Span(start, end)


AFFIRMED = [
    "Negative for COVID and flu; {strep} positive.",
    "To prevent stroke, start apixaban for {AF}.",
    "Doubt PE, {hypertension} stable on lisinopril.",
    "ROS: + {cough}, - fever",
    "A/P - {diabetes} well controlled",
    "Non-small cell {lung cancer}.",
    "Non-tender, non-distended, {swelling} of the ankle.",
    "History of {asthma} since childhood, uses albuterol daily.",
    "History of stroke and {diabetes} since age 12.",
    "No fever, {cough} improving.",
    "No SOB, her {cough} is worse today.",
    "He has a cough, no fever, and {sore throat}.",
    "No diarrhea, just {constipation}.",
    "Denied fevers, then developed {chills}.",
    "Denies tobacco use, drinks {alcohol} socially.",
    "No suicidal ideation, mood {depressed}.",
    "No acute distress, {obese}.",
    "No jaundice, {abdomen distended}.",
    "No signs of infection, wound with {dehiscence}.",
    "Denies SI, endorses {depression}.",
    "No edema, clubbing or cyanosis; {varicose veins} present.",
    "Lungs: no wheezes, rales, or rhonchi. Heart: {systolic murmur}.",
    "CT negative for PE, shows {pulmonary nodule}.",
    "All other systems negative apart from {joint pain}.",
    "Denies numbness, tingling, weakness, or falls, only {low back pain}.",
    "The scan showed no recurrence and detected {lung nodules}.",
    "No chills, also has {myalgia}.",
    "Mom has noticed a {rash} on his trunk.",
    "No nodules and a {palpable mass} in the left breast.",
    "Biopsy (negative for lymphoma) of the {lesion}.",
    "Radiation was advised given the {positive margins}.",
    "A two-week history characterized by {weight loss}.",
    "Without growth of the {renal mass}.",
    "67 yo M w/ h/o CAD s/p CABG p/w 2 d of {chest pain}.",
    "No infiltrate, mild {cardiomegaly}.",
    "No edema; {productive cough} for three days.",
    "MDM: {chest pain} - concerning for ACS.",
    "Patient presents with {chest pain} radiating to the left arm.",
    "She reports {shortness of breath} on climbing one flight of stairs.",
    "Endorses {nausea} and vomiting since last night.",
    "Denies fever but has a productive {cough}.",
    "No chest pain, however he complains of {palpitations}.",
    "No focal deficit. {Headache} persists.",
    "He denies chills and reports {night sweats}.",
    "The patient denies dyspnea, and she has {leg swelling}.",
    "No murmurs, except a soft {systolic murmur} at the apex.",
    "No complaints other than {fatigue}.",
    "Past medical history significant for {heart failure} and gout, who presents for a checkup.",
    "Past medical history of {asthma}.",
    "History of present illness: {back pain} for three days.",
    "There has been no change in her {tremor}.",
    "No improvement in {low back pain} with ibuprofen.",
    "No further {chest pain} since admission.",
    "Blood cultures grew gram negative rods, {bacteremia} is being treated.",
    "Not only {fever} but also rigors were noted.",
    "Tylenol did not help the {headache}.",
    "Her {hypertension} is not well controlled.",
    "She is not taking her lisinopril for {hypertension}.",
    "He tolerated the meal without difficulty and has {epigastric pain}.",
    "CT without contrast for {abdominal pain} was done.",
    "Father at bedside. {Fever} to 39 since yesterday.",
    "Mother reports {vomiting} since this morning.",
    "His wife noticed {confusion} last night.",
    "Brought in by her daughter for {weakness}.",
    "Lives with his mother. {Asthma} is stable.",
    "ROS: fever: no, {chills}: yes, cough: no",
    "ROS: (-) fever (+) {cough} (-) rash",
    "ROS: fever (-), {cough} (+)",
    "ROS: +{cough} -fever",
    "[x] {Wheezing} [ ] Hemoptysis",
    "Negative for fever. Positive for {sore throat}.",
    "A 2-month history of {weight loss} and malaise.",
    "Three day history of {diarrhea}.",
    "Recent history of {falls} at home.",
    "Diagnosed with {type 2 diabetes} 10 years ago.",
    "Her {knee pain} started 2 years ago.",
    "Dizziness and {nausea} if she stands up too fast.",
    "The cause of her {anemia} was not found.",
    "Chest x-ray was negative, ultrasound showed {gallstones}.",
    "CT ruled out pulmonary embolism and showed {pneumonia}.",
    "Denies any issues with her {migraines}.",
    "Was evaluated for {syncope} in the emergency room.",
    "Echocardiogram ordered to evaluate his {murmur}.",
    "{Cough}, likely due to postnasal drip.",
    "{Right foot pain}, possible stress fracture.",
    "Workup of {hematuria} is under way.",
    "She feels well except for mild {knee pain}.",
    "{Diabetes mellitus}, stable, continue metformin.",
    "Patient had {non-ST elevation myocardial infarction}.",
    "The {pain} does not radiate.",
    "{COPD} exacerbation without improvement on steroids.",
    "Patient has never smoked but has {emphysema}.",
    "Possible causes of his {dizziness} were discussed.",
    "No fever, with {cough} for two days.",
    "No rash, although {itching} persists.",
    "He was not aware that his {blood pressure was high}, which worried him.",
    "Abdomen soft, not distended; {tenderness} in the right lower quadrant.",
    "{Asthma} since childhood.",
    "No fever, occasional {cough}.",
    "No previous history of asthma, {hypertension} treated with lisinopril.",
    "No edema was observed, and {hypertrophy} was noted.",
    "Concern for pulmonary embolism given {pleuritic pain}.",
    "Vaccinated against influenza; {asthma} stable.",
    "The newborn was taken by her parents to the clinic for {fever}.",
    "In no acute distress. {Bilateral wheezes} heard.",
    "Patient was not compliant with therapy; {heart failure} worsened.",
]

NEGATED = [
    "Doubt PE, PNA, {CHF}.",
    "Low suspicion for PE, dissection, or {pneumothorax}.",
    "ROS: + cough, - fever, - {chest pain}",
    "He is a non-{smoker}.",
    "Non-diabetic, non-{smoker}, retired.",
    "Denies fever, chills or {chest pain} or shortness of breath.",
    "Denies fever, chills, or worsening {shortness of breath}.",
    "Denies fever, worsening {shortness of breath}.",
    "No nausea, {vomiting} or pain worse than usual.",
    "No fever, {chills}, and cough.",
    "No palpitations, lower extremity {swelling}, or orthopnea.",
    "Denies fever, {chills}, cough, sore throat, and night sweats.",
    "He reports heartburn after meals, no {dysphagia}.",
    "No {dysuria}, hematuria noted this morning.",
    "No asthma, {hypertension} or diabetes treated with insulin.",
    "Mother denies {fever} or cough.",
    "Father states he has had no {seizures}.",
    "No oral ulcers or other reported {genital lesions}.",
    "Negative for fever; {chills}; weight loss.",
    "ROS: +SOB, -{N/V}",
    "CV: RRR, no m/r/g, no {JVD}",
    "Abd: soft, NT/ND, neg {Murphy's sign}",
    "Low probability of {pulmonary embolism}.",
    "No {fever}, chills, or night sweats.",
    "No fever, {chills}, or night sweats.",
    "No fever, chills, or {night sweats}.",
    "Denies fever, chills, chest pain, or {shortness of breath}.",
    "The patient denies any {suicidal ideation}.",
    "He denied {hematuria}.",
    "Denying {chest pain} at this time.",
    "Patient without {fever}.",
    "Lungs clear bilaterally without {wheezes}, rales or rhonchi.",
    "Lungs clear bilaterally without wheezes, rales or {rhonchi}.",
    "Heart regular, no murmurs, rubs, or {gallops}.",
    "Neck supple w/o {lymphadenopathy}.",
    "Negative for {dysuria}.",
    "Neg for {melena}.",
    "Chest x-ray was negative for {pneumothorax}.",
    "She tested negative for {influenza}.",
    "No evidence of {fracture}.",
    "There is no radiographic evidence of {osteomyelitis}.",
    "No signs of {infection} at the wound.",
    "No personal history of {breast cancer}.",
    "Denies a history of {seizures}.",
    "She denies any personal history of {kidney stones}.",
    "Denies family history of {colon cancer}.",
    "Myocardial {infarction} was ruled out.",
    "{Pulmonary embolism} has been excluded.",
    "{MI} ruled out.",
    "Patient ruled out for {myocardial infarction}.",
    "CT ruled out {appendicitis}.",
    "{COVID-19} was negative.",
    "{Influenza A} negative by PCR.",
    "{Hepatomegaly} is absent.",
    "{Edema} was not seen.",
    "{Ascites} is not present.",
    "Inguinal {lymphadenopathy} was not observed.",
    "{Masses} are not palpable.",
    "{Rebound tenderness} and guarding are absent.",
    "{Fever}, chills, and cough are absent.",
    "{Pneumonia} is unlikely.",
    "Unlikely {deep vein thrombosis}.",
    "Low suspicion for {septic arthritis}.",
    "{Acute coronary syndrome} is felt to be unlikely.",
    "She does not have {diabetes}.",
    "He doesn't have any {chest pain}.",
    "Patient does not currently have {headaches}.",
    "Imaging did not reveal {metastases}.",
    "X-rays don't show a {dislocation}.",
    "He has not had {seizures} since.",
    "He has never had a {stroke}.",
    "This is not {pneumonia}.",
    "The rash is not consistent with {cellulitis}.",
    "Findings not suggestive of {malignancy}.",
    "He is not {suicidal}.",
    "Absence of {peripheral edema}.",
    "Surgical margins free of {tumor}.",
    "The margins were {tumor} free.",
    "Exam shows lack of {jaundice}.",
    "Nor did she report {fever}.",
    "Neither {nausea} nor vomiting.",
    "ROS: {fever}: no, chills: yes",
    "ROS: fever: yes, {chills}: no, cough: yes",
    "{Chest pain}: Denies",
    "{Chest pain} - none",
    "{Fever}? No. Chills? Yes.",
    "{Cough} no, fever yes",
    "ROS: (-) {fever} (+) cough",
    "ROS: {fever} (-), cough (+)",
    "ROS: +cough -{fever}",
    "[ ] {Hemoptysis} [x] Wheezing",
    "Patient denies:\n- {fever}\n- chills",
    "Patient denies:\n- fever\n- {chills}\n\nHas a cough.",
    "Negative for the following:\n• {Melena}\n• Hematochezia",
    "Cardiovascular: No {chest pain}. Respiratory: Cough present.",
    "No fever/{chills}.",
    "No N/V/D, no {abdominal pain}.",
    "Unremarkable for {hemorrhage}.",
    "No acute {intracranial abnormality}.",
    "There were no {focal neurological deficits}.",
    "No suspected {abuse}.",
    "No {nausea} although she feels dizzy.",
    "While she denies {chest pain}, she has been short of breath.",
    "Does not complain of {diplopia}.",
    "He did not present {fever} or chills.",
    "Without signs of {meningitis}.",
    "Doubt {pulmonary embolism}.",
    "Gout rather than {septic arthritis}.",
    "Symptoms argue against {appendicitis}.",
    "No {known drug allergies}.",
    "Extremities: no {clubbing}, cyanosis, or edema.",
    "Extremities: no clubbing, cyanosis, or {edema}.",
    "No {chest pain} due to exertion.",
    "Patient reports no {back pain} today.",
    "Troponin x 3 negative, {NSTEMI} ruled out.",
    "Reports no fevers, no chills, and no {weight loss}.",
    "Fails to reveal {fracture}.",
    "Tumor markers normal, without evidence of {recurrence}.",
    "Denies {alcohol abuse}; drinks socially.",
]

POSSIBLE = [
    "Considered {appendicitis}, admitted for observation.",
    "Concern for PE, pneumonia, {CHF}.",
    "The exam suggested {sciatic neuropathy}.",
    "Abscess versus {tuberculosis} or tumor.",
    "Doubtful {infiltrate} on the left.",
    "No effusion; cannot r/o early {infiltrate}.",
    "No fracture, possible {effusion}.",
    "#? {PNA} - hold antibiotics",
    "DDx includes ACS, PE, PNA, {GERD}.",
    "DDx: ACS, {PE}, PNA",
    "Differential diagnosis: gout\n\n{Septic arthritis}",
    "DIFFERENTIAL DIAGNOSIS\n1. {Gout}",
    "Possible {pneumonia} in the right lower lobe.",
    "{Pneumonia} possible.",
    "Probable {gastritis}.",
    "Suspected {appendicitis}.",
    "I suspect {coronary artery disease}.",
    "Concern for {sepsis}.",
    "Findings concerning for {malignancy}.",
    "Suspicious for {metastasis}.",
    "Rule out {pulmonary embolism}.",
    "R/o {deep vein thrombosis}.",
    "PSA to rule out {prostate cancer}.",
    "{Viral bronchitis} vs pneumonia.",
    "Viral bronchitis vs {pneumonia}.",
    "Cannot exclude {fracture}.",
    "{Occult fracture} cannot be excluded.",
    "Cannot rule out {ischemia}.",
    "{Osteomyelitis} could not be ruled out.",
    "{Tumor} not ruled out.",
    "Likely {viral upper respiratory infection}.",
    "This is likely {costochondritis}.",
    "{Pneumonia} is likely, given the fever.",
    "Chest pain, likely {GERD}.",
    "Fatigue, most likely due to {anemia}.",
    "?{pneumonia}",
    "Admitted with ? {sepsis}.",
    "Symptoms are consistent with {carpal tunnel syndrome}.",
    "Imaging compatible with {diverticulitis}.",
    "Appearance suggestive of {lymphoma}.",
    "He may have {sleep apnea}.",
    "This could be {gout}.",
    "Symptoms might represent {angina}.",
    "This appears to be {cellulitis}.",
    "It looks like {shingles}.",
    "Presumed {viral gastroenteritis}.",
    "Questionable {infiltrate} at the left base.",
    "Thought to be {vasovagal syncope}.",
    "Differential includes {cholecystitis}, pancreatitis, or peptic ulcer.",
    "Differential includes cholecystitis, {pancreatitis}, or peptic ulcer.",
    "Differential diagnosis includes:\n1. {Lupus}\n2. Rheumatoid arthritis",
    "MRI to evaluate for {rotator cuff tear}.",
    "{Lupus} is in the differential.",
    "{DVT} needs to be ruled out.",
    "There is a possibility of {infection}.",
    "High suspicion for {meningitis}.",
    "Unable to exclude {small effusion}.",
    "Worrisome for {abscess}.",
    "We will test to determine whether she has {celiac disease}.",
    "The diagnostic suspicion of {hydronephrosis} was raised.",
    "Favor {reactive lymphadenopathy}.",
    "Possible {pneumonia}, bronchitis or tracheitis.",
    "Possible pneumonia, {bronchitis} or tracheitis.",
]

HISTORICAL = [
    "History of {stroke} and diabetes since age 12.",
    "No ST elevation, old inferior {infarct}.",
    "History of {stroke}.",
    "H/o {deep vein thrombosis}.",
    "Hx of {breast cancer}.",
    "She has a remote history of {peptic ulcer disease}.",
    "S/p {cholecystectomy}.",
    "Status post {coronary artery bypass}.",
    "Previous {myocardial infarction}.",
    "Prior {TIA}.",
    "He had a {stroke} in 2015.",
    "{Appendectomy} in March 2009.",
    "{Kidney stones} 5 years ago.",
    "He had {pneumonia} several years ago.",
    "{Heart attack} in 2018 with a stent placed.",
    "{Asthma} as a child.",
    "{Pneumonia}, resolved.",
    "The {rash} has resolved.",
    "Her {chest pain} and dysphagia resolved spontaneously.",
    "{Pain} was severe but has since resolved.",
    "Resolved {hematuria}.",
    "Former {smoker}.",
    "{IV drug use} in the past.",
    "Childhood {asthma}.",
    "Used to have {migraines}.",
    "Personal history of {colonic polyps}.",
    "History of stroke, {gout}, and hypertension.",
    "History of {prostate cancer}, presents with dysuria.",
    "Recovered from {COVID-19}.",
]

FAMILY = [
    "Lives with her mother who has {dementia}.",
    "Mother had {breast cancer}.",
    "Father with {coronary artery disease} at age 50.",
    "Family history of {colon cancer}.",
    "Family history significant for diabetes and {hypertension}.",
    "Family history is positive for {ovarian cancer}.",
    "FHx of {sickle cell disease}.",
    "Her maternal aunt had {lupus}.",
    "Paternal grandfather died of {lung cancer}.",
    "{Breast cancer} in her mother.",
    "{Diabetes} runs in the family.",
    "{Bipolar disorder} in a sister.",
    "{Melanoma} (mother).",
    "FAMILY HISTORY\n{Hypertension}.",
    "FAMILY HISTORY: {Stroke}, diabetes.",
    "Family History:\nMother: {melanoma}\nFather: alive and well",
    "FHx: dad - {prostate cancer}",
    "He denies kidney stones, but his father has a history of {kidney stones}.",
    "His brother was recently diagnosed with {leukemia}.",
    "Sister possibly has {celiac disease}.",
    "Her husband has {COVID-19}.",
]

HYPOTHETICAL = [
    "#{DVT} ppx: heparin",
    "Return precautions discussed: chest pain, {syncope}.",
    "Return if {fever} develops.",
    "Return to the ED if {chest pain} recurs.",
    "Call if you have {bleeding}.",
    "If {pain} persists we will obtain an MRI.",
    "Should she develop {shortness of breath}, call 911.",
    "He will contact me should he experience {dyspnea}.",
    "In case of {severe headache}, seek care.",
    "Seek medical attention for {fever}, worsening pain, or vomiting.",
    "Risk of {stroke} was discussed.",
    "Discussed risks including {infection} and bleeding.",
    "Risks include but are not limited to {bleeding}, infection and nerve damage.",
    "Risks include but are not limited to bleeding, {infection} and nerve damage.",
    "At risk for {falls}.",
    "Screening for {colon cancer}.",
    "{Breast cancer} screening is due.",
    "Monitor for {hypoglycemia}.",
    "Watch for signs of {infection}.",
    "Aspirin to prevent {stroke}.",
    "{DVT} prophylaxis with heparin.",
    "{Influenza} vaccine given today.",
    "Vaccinated against {hepatitis B}.",
    "Ibuprofen as needed for {pain}.",
    "This drug may cause {dizziness}.",
    "Educated on {hypoglycemia}.",
    "Side effects such as {nausea} were reviewed.",
    "Return precautions for {sepsis} given.",
    "Unless {fever} recurs, no follow-up is needed.",
    "Return to ED for:\n- {chest pain}\n- bleeding",
    "INSTRUCTIONS\nRest and ice for your {ankle sprain}.",
    "Genetic predisposition to {ovarian cancer} was discussed.",
    "Warned about {serotonin syndrome}.",
]

CASES = [
    pytest.param(sentence, expected, id=f"{expected}: {sentence}")
    for expected, sentences in (
        (Assertion.AFFIRMED, AFFIRMED),
        (Assertion.NEGATED, NEGATED),
        (Assertion.POSSIBLE, POSSIBLE),
        (Assertion.HISTORICAL, HISTORICAL),
        (Assertion.FAMILY, FAMILY),
        (Assertion.HYPOTHETICAL, HYPOTHETICAL),
    )
    for sentence in sentences
]


def assertion_in(sentence: str) -> AssertionResult:
    text, mention = marked(sentence)
    return analyse(text).assertion(mention)


@pytest.mark.parametrize(("sentence", "expected"), CASES)
def test_assertion(sentence: str, expected: Assertion) -> None:
    assert assertion_in(sentence).assertion is expected


def test_cue_is_the_words_that_decided() -> None:
    text, mention = marked("She has no evidence of {pneumonia}.")
    result = analyse(text).assertion(mention)
    assert result.cue is not None
    assert result.cue.of(text) == "no evidence of"
    assert result.rule == "no evidence of"


def test_nearest_cue_of_the_category_is_named() -> None:
    text, mention = marked("Denies fever, and there is no {cough}.")
    result = analyse(text).assertion(mention)
    assert result.cue is not None
    assert result.cue.of(text) == "no"


def test_affirmed_mention_has_no_cue() -> None:
    result = assertion_in("Presents with {chest pain}.")
    assert result.cue is None


def test_section_decides_where_no_cue_does() -> None:
    result = assertion_in("FAMILY HISTORY\n{Gout}.")
    assert result.cue is None
    assert "family_history" in result.rule


def test_negation_inside_family_history_stays_a_negation() -> None:
    assert assertion_in("FAMILY HISTORY\nNo {diabetes}.").assertion is Assertion.NEGATED


def test_list_of_past_history_without_a_cue_is_affirmed() -> None:
    assert (
        assertion_in("PAST MEDICAL HISTORY\n{Hypertension}\nGout").assertion is Assertion.AFFIRMED
    )


@pytest.mark.parametrize("mention", ["{history of falls}", "{no-show}", "{rule out sepsis}"])
def test_cue_inside_the_mention_is_part_of_its_name(mention: str) -> None:
    assert assertion_in(f"Patient with {mention} documented.").assertion is Assertion.AFFIRMED


def test_cue_does_not_reach_into_the_next_section() -> None:
    assert (
        assertion_in("REVIEW OF SYSTEMS\nDenies\nRESULTS\n{Anemia}").assertion is Assertion.AFFIRMED
    )


def test_lead_of_a_list_ends_with_the_list() -> None:
    text = "Return to ED for:\n- bleeding\n- fever\n\n{Diabetes} is stable."
    assert assertion_in(text).assertion is Assertion.AFFIRMED


def test_empty_or_outside_mention_is_refused() -> None:
    note = Analyser().analyse("Fever.")
    with pytest.raises(ValueError, match="no mention"):
        note.assertion(Span(2, 2))
    with pytest.raises(ValueError, match="no mention"):
        note.assertion(Span(2, 60))


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("{Pneumonia is suspected}.", Assertion.POSSIBLE),
        ("{Concern for sepsis} on arrival.", Assertion.POSSIBLE),
        ("{Rule out pneumonia}.", Assertion.POSSIBLE),
        ("He came {without fever}.", Assertion.NEGATED),
        ("{Lack of fever} is reassuring.", Assertion.NEGATED),
        ("{PNA not suspected}.", Assertion.NEGATED),
        ("{DVT cannot be excluded}.", Assertion.POSSIBLE),
        ("{Flu vaccine} given.", Assertion.AFFIRMED),
        ("{Productive cough} for three days.", Assertion.AFFIRMED),
        ("Family history of {breast cancer suspected}.", Assertion.FAMILY),
    ],
)
def test_a_phrase_that_holds_its_own_cue_is_said_as_its_other_words_are(
    sentence: str, said: Assertion
) -> None:
    text, span = marked(sentence)
    note = analyse(text)
    words = [i for i in note.tokens.covering(span) if note.tokens.norm[i].isalnum()]
    assert note.phrase_assertion(words).assertion is said

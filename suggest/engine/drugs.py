"""Drugs and what they did: adverse effect, underdosing, poisoning, toxic effect (I.C.19.e.5, 6).

A drug's name (`lexicon/drugs.tsv`: the Table of Drugs and Chemicals) gives the first characters of
a code, a cue of its sentence (`lexicon/drug_cues.tsv`) the column. "From", "on" and the like are
cues only beside an effect that the drug is known for (`lexicon/drug_effects.tsv`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from suggest.engine.drug_cues import SELF_HARM, is_linked, is_poison, reaches
from suggest.engine.normal import read_rows
from suggest.engine.phrases import Phrases, Place, is_of, tokens_of
from suggest.text import AnalysedNote, Assertion

ADVERSE, UNDERDOSING, POISONING = "5", "6", "1"
_UNNAMED = "T50.905"
_UNDETERMINED = "4"
_INTENTS = {"accidental": POISONING, "self-harm": SELF_HARM, "undetermined": _UNDETERMINED}
# The roles that a row of the table allows; "x": a toxic effect that is called a poisoning.
_ALLOWED = {
    "adverse": frozenset("a"),
    "link": frozenset("a"),
    "underdosing": frozenset("u"),
    "poisoning": frozenset("ptx"),
    "toxic": frozenset("t"),
}
_BY_DRUG = ("adverse", "link")
_VOIDED = {"toxic": "poisoning", "link": "adverse"}
_PAST = "past_medical_history"  # what drugs did then is no reason for care today
NOT_IN = frozenset(
    ("allergies", "family_history", "instructions", "immunizations", "past_surgical_history")
)


@dataclass(frozen=True, slots=True)
class Role:
    """A code for what a drug did: the tokens that say it, and the one whose assertion counts where
    it is not that of all ("not taking")."""

    code: str
    tokens: tuple[int, ...]
    asserted: int | None = None


class DrugReader:
    """Holds the tables; `find` is the whole work."""

    def __init__(self) -> None:
        rows = list(read_rows("drug_cues.tsv"))
        by_role: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in rows:
            by_role[row["role"]].append(row)
        self._drugs = Phrases(read_rows("drugs.tsv"), "drug", plural=True)
        self._cues = {role: Phrases(of, "cue") for role, of in by_role.items()}
        self._intents = Phrases([r for r in rows if r["role"] in _INTENTS], "cue")
        self._lacking = self._cues["not of its doing"]
        self._induced = Phrases(read_rows("drug_induced.tsv"), "effect", plural=True)
        self._effects = Phrases(read_rows("drug_effects.tsv"), "effect", plural=True)

    def find(self, note: AnalysedNote) -> list[Role]:
        """What the drugs of a note did; "drug-induced" says nothing where the drug is named."""
        found = list(self._find(note))
        named = any(r.code[-1] == ADVERSE and r.code != _UNNAMED for r in found)
        return [r for r in found if not named or r.code != _UNNAMED]

    def _find(self, note: AnalysedNote) -> Iterator[Role]:
        norms = note.tokens.norm
        for number, sentence in enumerate(note.sentences):
            if note.section_at(sentence.span.start).kind in NOT_IN:
                continue
            named = self._drugs.find(norms, sentence.tokens)
            others = (
                {p.start for p in self._cues["other thing"].find(norms, sentence.tokens)}
                if named
                else ()
            )
            drugs = [p for p in named if p.stop not in others]
            if drugs:
                yield from self._roles(note, number, drugs)

    def _roles(self, note: AnalysedNote, number: int, drugs: list[Place]) -> Iterator[Role]:
        """What the drugs of a sentence did: where one was a poison it had no other effect."""
        norms, tokens = note.tokens.norm, note.sentences[number].tokens
        of_drugs = {i for p in drugs for i in range(p.start, p.stop)}
        kind = note.section_at(note.sentences[number].span.start).kind
        effects = self._effects.find(norms, tokens)
        poisons: set[int] = set()
        for role in ("poisoning", "toxic", "adverse", "link", "underdosing"):
            if kind == _PAST and role != "underdosing":
                continue
            cues = self._cues[role].find(norms, tokens)
            if not cues and role != "link":
                continue
            if self._cues[f"void {_VOIDED.get(role, role)}"].find(norms, tokens):
                continue
            if role == "link" and self._cues["void link"].find(norms, tokens):
                cues = []
            for drug in drugs:
                if drug.start in poisons or not _ALLOWED[role] & set(drug.row["roles"]):
                    continue
                known = [
                    e for e in effects if drug.row["stem"].startswith((*e.row["stems"].split(),))
                ]
                if role == "link":
                    # "Statin myopathy" needs no link.
                    for effect in known:
                        if effect.start == drug.stop:
                            yield Role(drug.row["stem"] + ADVERSE, tokens_of(drug, effect))
                for cue in cues:
                    if not reaches(cue, drug, norms, of_drugs):
                        continue
                    told = tokens_of(cue, drug)
                    between = range(cue.stop, drug.start)
                    if role in _BY_DRUG and self._lacking.find(norms, between):
                        continue
                    if role == "link":
                        at = next((e for e in known if is_linked(e, cue, norms)), None)
                        if at is None:
                            continue
                        yield Role(drug.row["stem"] + ADVERSE, tokens_of(cue, drug, at))
                        yield from self._disorders(cue, drug, norms, tokens)
                    elif role == "adverse":
                        yield Role(drug.row["stem"] + ADVERSE, told)
                        yield from self._disorders(cue, drug, norms, tokens)
                    elif role == "underdosing":
                        yield Role(drug.row["stem"] + UNDERDOSING, told, cue.start)
                        yield Role(self._reason(note, cue), told, cue.start)
                    else:
                        intent = self._intent(note, number)
                        whose = range(max(cue.stop, drug.start - 2), drug.start)
                        if not (
                            is_poison(cue, drug, intent, norms)
                            or self._cues["another's"].find(norms, whose)
                        ):
                            continue
                        poisons.add(drug.start)
                        yield Role(drug.row["stem"] + intent, told, cue.start)
                    break

    def _disorders(
        self, cue: Place, drug: Place, norms: list[str], tokens: range
    ) -> Iterator[Role]:
        """The disorder that has a code of its own where a drug brings it about (I95.2, D70.1)."""
        for effect in self._induced.find(norms, tokens):
            if is_linked(effect, cue, norms) and is_of(effect.row["stems"], drug.row["stem"]):
                yield Role(effect.row["code"], tokens_of(effect, cue, drug))

    def _reason(self, note: AnalysedNote, cue: Place) -> str:
        """Why the patient takes less (Z91.12-, Z91.13-, Z91.14-)."""
        tokens = note.sentence_at(note.tokens.start[cue.start]).tokens
        for place in self._cues["reason"].find(note.tokens.norm, tokens):
            return place.row["code"]
        return cue.row["code"]

    def _intent(self, note: AnalysedNote, number: int) -> str:
        """The column of a poisoning: what the sentence says of its intent, or those beside it; one
        of unknown intent is taken for an accident (I.C.20.h)."""
        for other in sorted(range(len(note.sentences)), key=lambda n: abs(n - number))[:5]:
            for place in self._intents.find(note.tokens.norm, note.sentences[other].tokens):
                intent = _INTENTS.get(place.row["role"])
                stated = note.assertion(note.tokens.span(place.start)).assertion
                if intent and stated is Assertion.AFFIRMED:
                    return intent
        return POISONING

"""A drug that the patient keeps taking, named in prose: "COPD on Trelegy" (Z79, I.C.21.c.3).

The drugs are the rows of the lexicon that count in a list of medications alone: their names with
the words that forbid them. In prose they count beside a cue of `lexicon/drug_cues.tsv`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from suggest.engine.drug_cues import reaches
from suggest.engine.drugs import NOT_IN, Role
from suggest.engine.matching import begins
from suggest.engine.normal import fold, read_rows
from suggest.engine.phrases import Phrases, tokens_of
from suggest.text import AnalysedNote

# As often for some days as for long: nothing but a list of medications tells.
_SHORT = ("Z79.2", "Z79.52")
_DAILY = "Z79.1"  # long where it is said to be taken every day
_OPIOID = "Z79.891"  # long where the note tells of a pain that is, or of an agreement
_LISTED = frozenset(("medications", *NOT_IN))


class LongTermReader:
    """Holds the names and cues; `find` is the whole work."""

    def __init__(self) -> None:
        rows = [
            {**row, "drug": row["term"], "roles": "l"}
            for row in read_rows("terms/drugs.tsv")
            if row["sections"].startswith("medications") and row["code"].startswith("Z79")
        ]
        cues = list(read_rows("drug_cues.tsv"))
        self._drugs = Phrases(rows, "drug")
        # What forbids a drug, by its cell.
        self._forbidden = {
            cell: tuple(word for word in fold(cell).split("|") if word)
            for cell in {row["excludes"] for row in rows}
        }
        self._cues = Phrases([r for r in cues if r["role"] == "long-term"], "cue")
        self._voids = tuple(r["cue"] for r in cues if r["role"] == "void long-term")
        self._of_opioids = tuple(f" {r['cue']}" for r in cues if r["role"] == "long-term opioid")

    def find(self, note: AnalysedNote) -> Iterator[Role]:
        """The codes of the drugs that a note's prose says to be taken for long."""
        norms = note.tokens.norm
        for sentence in note.sentences:
            drugs = self._drugs.find(norms, sentence.tokens)
            if not drugs or note.section_at(sentence.span.start).kind in _LISTED:
                continue
            text = " " + " ".join(norms[i] for i in sentence.tokens) + " "
            if any(begins(word, text) for word in self._voids):
                continue
            of_drugs = {i for p in drugs for i in range(p.start, p.stop)}
            cues = self._cues.find(norms, sentence.tokens)
            for drug in drugs:
                code = drug.row["code"]
                if drug.row["sections"] != "medications" or code.startswith(_SHORT):
                    continue
                if code == _OPIOID and not self._tells_of_opioids(norms):
                    continue
                if any(begins(word, text) for word in self._forbidden[drug.row["excludes"]]):
                    continue
                for cue in cues:
                    if code == _DAILY and cue.row["side"] == "before":
                        continue
                    if reaches(cue, drug, norms, of_drugs):
                        yield Role(code, tokens_of(cue, drug))
                        break

    def _tells_of_opioids(self, norms: Sequence[str]) -> bool:
        """Whether a note tells of a pain that is treated so, or of an agreement."""
        note = " ".join(norms)
        return any(word in note for word in self._of_opioids)

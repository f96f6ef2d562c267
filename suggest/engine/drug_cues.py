"""Whether a cue for what a drug did speaks of the drug beside it."""

from __future__ import annotations

from collections.abc import Sequence

from suggest.engine.phrases import Place

SELF_HARM = "2"
_BREAKS = frozenset((*";.:|?!", "but", "however"))
_JOINTS = frozenset((",", "and", "or", "&", "/", "+", "nor"))
_FREE = frozenset(
    ("the", "a", "an", "mg", "mcg", "units", "unit", "daily", "bid", "tid", "qd", "(", ")")
)
_OWN = frozenset(("his", "her", "their", "prescribed", "home", "my"))
# What stands behind a drug of which a cue tells only then: "off Abilify for 2 months".
_BEHIND = {
    "days": frozenset(("days", "day", "weeks", "week", "months", "month", "wks", "wk", "year")),
    "own": frozenset(("own", "herself", "himself")),
}
_REST = 8
# "Steroid-induced", not "anesthesia induced with propofol".
_NO_NOUN = frozenset(("with", "by", "to", "in", "over", "at"))
_COUNTED = frozenset(("tablets", "pills", "bottle", "handful", "tabs", "capsules", "tablet"))
_NEAR_EFFECT, _EFFECT_BEHIND = 3, 6  # words between an effect and the link to a drug


def reaches(cue: Place, drug: Place, norms: Sequence[str], of_drugs: set[int]) -> bool:
    """Whether a cue speaks of a drug: over a few words, or over the items of a list of drugs."""
    first, second = (cue, drug) if cue.row["side"] == "before" else (drug, cue)
    words, listed = 0, False
    for index in range(first.stop, second.start):
        norm = norms[index]
        if norm in _BREAKS:
            return False
        if index in of_drugs:
            listed = True
        elif norm in _JOINTS:
            if second is cue and index + 1 not in of_drugs:
                return False
            before = norms[index - 1]
            if index - 1 not in of_drugs and before not in _FREE and not before[0].isdigit():
                return False
        elif norm not in _FREE and not norm[0].isdigit():
            if listed and cue.row["side"] == "before":
                return False
            words += 1
    between = set(norms[first.stop : second.start]) | set(norms[cue.start : cue.stop])
    if cue.row["needs"] == "noun" and not _NO_NOUN.isdisjoint(norms[cue.stop : cue.stop + 1]):
        return False
    if "n" in drug.row["roles"] and words:
        return False
    needed = _BEHIND.get(cue.row["needs"])
    if needed and needed.isdisjoint(norms[second.stop : second.stop + _REST]):
        return False
    # What needs no prescription, or is taken for some days, is missed where it is one's own.
    often = {"taken": "o", "days": "oc"}.get(cue.row["needs"], "")
    if not between & _OWN and set(often) & set(drug.row["roles"]):
        return False
    return second.start >= first.stop and words <= int(cue.row["reach"])


def is_linked(effect: Place, link: Place, norms: Sequence[str]) -> bool:
    """Whether an effect stands at the other end of a link than its drug."""
    if link.row["side"] == "before":
        start, stop, most = effect.stop, link.start, _NEAR_EFFECT
    else:
        start, stop, most = link.stop, effect.start, _EFFECT_BEHIND
    return 0 <= stop - start <= most and not {",", *_BREAKS} & set(norms[start:stop])


def is_poison(cue: Place, drug: Place, intent: str, norms: Sequence[str]) -> bool:
    """Whether a cue that fits a drug makes it a poison: "took" does by the number of pills and
    the wish to die, "x" is one where it is called so."""
    if "x" in drug.row["roles"]:
        return norms[cue.start].startswith("poison")
    if "n" in drug.row["roles"] and not norms[cue.start].startswith(("overdos", "od", "poison")):
        return False
    counted = not _COUNTED.isdisjoint(norms[cue.stop : drug.start])
    return not cue.row["needs"] or (intent == SELF_HARM and counted)

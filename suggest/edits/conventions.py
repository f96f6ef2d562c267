"""Edits from the instructional notes of the tabular list (Guidelines I.A.12 to I.A.17)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial

from suggest.codesets import CodeSet
from suggest.codesets.model import undotted
from suggest.codesets.references import ReferringNote, referring_notes
from suggest.edits.model import CodedLine, Edit

_OPTIONAL = ("if applicable", "if known", "if any", "as applicable", "when applicable")


class Conventions:
    """Reads the notes of one code set; answers are cached by code."""

    def __init__(self, codeset: CodeSet) -> None:
        self._notes = lru_cache(maxsize=20_000)(partial(referring_notes, codeset))

    def conflicts(self, lines: Sequence[CodedLine]) -> Iterator[Edit]:
        """Pairs of which an Excludes1 note says that they are not coded together (I.A.12.a)."""
        told: set[frozenset[str]] = set()
        for line in lines:
            for other in lines:
                pair = frozenset((line.code, other.code))
                if len(pair) < 2 or pair in told:
                    continue
                for note in self._notes(line.code, "excludes1"):
                    if note.names(undotted(other.code)):
                        told.add(pair)
                        text = (
                            f"Excludes1 at {note.place}: {note.text}. Never together, unless the"
                            " two conditions are unrelated."
                        )
                        codes = (line.code, other.code)
                        source = "ICD-10-CM Guidelines I.A.12.a"
                        yield Edit("excludes1", "warning", codes, text, source)
                        break

    def companions(
        self, lines: Sequence[CodedLine], is_manifestation: Callable[[str], bool]
    ) -> Iterator[Edit]:
        """Codes that a note asks for: before this one (code first) or beside it."""
        beside: dict[tuple[str, str], list[str]] = {}
        for line in lines:
            yield from self._first(line, lines, is_manifestation(line.code))
            for kind, rule, words in (
                ("use_additional", "use-additional", "Use additional"),
                ("code_also", "code-also", "Code also"),
            ):
                for place, notes in self._by_place(line.code, kind).items():
                    named = [note for note in notes if note.references]
                    if not named or any(
                        note.names(undotted(other.code)) for note in named for other in lines
                    ):
                        continue
                    listed = "; ".join(note.text.strip(" ,:") for note in named[:4])
                    more = "; ..." if len(named) > 4 else ""
                    text = f"{words} (at {place}): {listed}{more}"
                    beside.setdefault((rule, text), []).append(line.code)
        for (rule, text), codes in beside.items():
            yield Edit(rule, "info", tuple(codes), text, "ICD-10-CM Guidelines I.A.17")

    def _first(
        self, line: CodedLine, lines: Sequence[CodedLine], manifestation: bool
    ) -> Iterator[Edit]:
        source = "ICD-10-CM Guidelines I.A.13"
        for place, notes in self._by_place(line.code, "code_first").items():
            causes = [
                other
                for other in lines
                if other.code != line.code and any(n.names(undotted(other.code)) for n in notes)
            ]
            if causes:
                if line.sequence is not None and all(
                    cause.sequence is not None and cause.sequence > line.sequence
                    for cause in causes
                ):
                    text = f"Code first (at {place}): {causes[0].code} goes before this code."
                    yield Edit("code-first", "error", (line.code, causes[0].code), text, source)
                return
            optional = any(word in note.text.lower() for note in notes for word in _OPTIONAL)
            listed = "; ".join(note.text.strip(" ,:.") for note in notes[:4])
            text = f"Code first (at {place}): {listed}"
            if manifestation:
                yield Edit("code-first", "warning", (line.code,), text, source)
            elif not optional:
                yield Edit("code-first", "info", (line.code,), text, source)
            return

    def _by_place(self, code: str, kind: str) -> dict[str, list[ReferringNote]]:
        found: dict[str, list[ReferringNote]] = {}
        for note in self._notes(code, kind):
            # What stands at a block or chapter holds for hundreds of codes: no reminder each time.
            if "-" not in note.place and len(note.place) >= 3:
                found.setdefault(note.place, []).append(note)
        return found

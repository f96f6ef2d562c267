"""A note taken apart: tokens, sections, sentences, and the assertion of any mention in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cache

from suggest.errors import InvalidText
from suggest.text.assertion import AssertionResult, Scope, decide, decide_phrase, scopes_of
from suggest.text.layout import lines_of
from suggest.text.rules import Rules, load_rules
from suggest.text.sections import Section, find_sections
from suggest.text.sentences import Sentence, find_sentences
from suggest.text.span import Span
from suggest.text.tokens import Tokens, tokenise


class AnalysedNote:
    """One note with its tokens, sections and sentences; assertions are decided when asked for.

    `headings` are the tokens of the sections' headings. All offsets are code points of `text` as
    submitted. Not for use by several threads at once.
    """

    __slots__ = (
        "_around",
        "_opens",
        "_rules",
        "_scopes",
        "_starts",
        "headings",
        "sections",
        "sentences",
        "text",
        "tokens",
    )

    def __init__(self, text: str, rules: Rules) -> None:
        self.text = text
        self.tokens: Tokens = tokenise(text)
        lines = lines_of(text, self.tokens)
        self.sections: list[Section]
        self.sections, opens = find_sections(text, self.tokens, lines, rules)
        self.sentences: list[Sentence] = find_sentences(
            text, self.tokens, lines, self.sections, opens, rules
        )
        self.headings = frozenset(
            index
            for section in self.sections
            if section.heading is not None
            for index in self.tokens.covering(section.heading)
        )
        self._rules = rules
        self._starts = [sentence.span.start for sentence in self.sentences]
        self._opens = [section.span.start for section in self.sections]
        self._scopes: dict[int, list[Scope]] = {}
        self._around: dict[int, list[Scope]] = {}

    def section_at(self, offset: int) -> Section:
        """The section that holds the code point; ValueError outside the text."""
        if not 0 <= offset < len(self.text):
            raise ValueError(f"offset {offset} is outside the text")
        return self.sections[bisect_right(self._opens, offset) - 1]

    def sentence_at(self, offset: int) -> Sentence:
        """The sentence that holds the code point, or the nearest before it; ValueError outside."""
        return self.sentences[self.sentence_index(offset)]

    def assertion(self, span: Span) -> AssertionResult:
        """Whether the mention is affirmed, negated, possible, historical, another's or conditional.

        The rule is ConText (Harkema et al. 2009) over the mention's sentence, then the kind of
        its section. ValueError if the span is empty or outside the text.
        """
        if not span.start < span.end <= len(self.text):
            raise ValueError(f"no mention at [{span.start}:{span.end}]")
        return decide(
            self.tokens,
            span,
            self._scopes_around(self.sentence_index(span.start)),
            self.section_at(span.start).kind,
        )

    def phrase_assertion(self, words: Sequence[int]) -> AssertionResult:
        """As `assertion` for the words of one phrase, token indices in order, which may hold its
        own cue: "pneumonia suspected" is possible, "without fever" is negated."""
        start = self.tokens.start[words[0]]
        return decide_phrase(
            self.tokens,
            words,
            self._scopes_around(self.sentence_index(start)),
            self.section_at(start).kind,
        )

    def _scopes_around(self, index: int) -> list[Scope]:
        """The scopes in a sentence, and those that the sentence which leads its list carries."""
        known = self._around.get(index)
        if known is not None:
            return known
        scopes = self._around[index] = list(self._scopes_of(index))
        lead = self.sentences[index].lead
        if lead is not None:
            heading = self.sections[self.sentences[index].section].heading
            titled = heading is not None and self.sentences[lead].span.contains(heading)
            scopes += [
                scope.carried()
                for scope in self._scopes_of(lead)
                if scope.open_end and (scope.introduces or not titled)
            ]
        return scopes

    def sentence_index(self, offset: int) -> int:
        """The index of the sentence that `sentence_at` gives; ValueError outside the text."""
        if not 0 <= offset < len(self.text):
            raise ValueError(f"offset {offset} is outside the text")
        return max(0, bisect_right(self._starts, offset) - 1)

    def _scopes_of(self, index: int) -> list[Scope]:
        known = self._scopes.get(index)
        if known is None:
            known = scopes_of(self.tokens, self.sentences[index].tokens, self._rules)
            self._scopes[index] = known
        return known


class Analyser:
    """Holds the rules and takes notes apart by them."""

    __slots__ = ("rules",)

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules if rules is not None else load_rules()

    def analyse(self, text: str) -> AnalysedNote:
        """The note taken apart. InvalidText if it is empty, blank or holds a lone surrogate."""
        if not isinstance(text, str):
            raise InvalidText("the note must be text")
        if not text or text.isspace():
            raise InvalidText("the note is empty: send its text")
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InvalidText(
                f"the note holds a lone surrogate at code point {error.start}: send valid Unicode"
            ) from None
        return AnalysedNote(text, self.rules)


@cache
def _default() -> Analyser:
    return Analyser()


def analyse(text: str) -> AnalysedNote:
    """The note taken apart by the package's own rules; see `Analyser.analyse`."""
    return _default().analyse(text)

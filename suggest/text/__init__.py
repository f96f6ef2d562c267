"""Clinical text: a note's tokens, sections, sentences, and the assertion of any mention."""

from suggest.text.assertion import Assertion, AssertionResult
from suggest.text.errors import RuleFileError
from suggest.text.note import AnalysedNote, Analyser, analyse
from suggest.text.rules import Rules, load_rules
from suggest.text.sections import Section
from suggest.text.sentences import Sentence
from suggest.text.span import Span
from suggest.text.tokens import Tokens

__all__ = [
    "AnalysedNote",
    "Analyser",
    "Assertion",
    "AssertionResult",
    "RuleFileError",
    "Rules",
    "Section",
    "Sentence",
    "Span",
    "Tokens",
    "analyse",
    "load_rules",
]

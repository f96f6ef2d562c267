"""A note as a whole: what is refused, odd Unicode, sizes, and the rule files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggest.errors import InvalidText
from suggest.text import Analyser, Assertion, Span, analyse, load_rules
from suggest.text.rules import expand

chars = st.characters(exclude_categories=["Cs"])
phrases = st.sampled_from(
    [
        "no ", "denies ", "fever", ", ", ". ", "history of ", "? ", "(-) ", "[ ] ", "+", "-",
        "\n", "\n- ", ": ", "mother ", "if ", "ruled out", " vs ", "1. ", "PLAN:\n", "e\u0301",
        "🙂", "\r\n", "\u00a0", "\x0c", "is likely ", "not ", "currently ",
    ]
)  # fmt: skip
clinical = st.lists(st.one_of(phrases, st.text(chars, max_size=6)), max_size=60).map("".join)


@pytest.mark.parametrize("text", ["", " ", "\n\t \u00a0\r\n"])
def test_blank_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidText):
        analyse(text)


def test_lone_surrogate_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidText, match="code point 6"):
        analyse("fever \ud800 cough")


def test_error_holds_no_text_of_the_note() -> None:
    with pytest.raises(InvalidText) as caught:
        analyse("Jane Roe \ud800")
    assert "Jane" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_offsets_count_code_points() -> None:
    text = "🙂🙂\r\n\tNo\u00a0fe\u0301ver today."
    start = text.index("fe")
    result = analyse(text).assertion(Span(start, start + 6))
    assert result.assertion is Assertion.NEGATED
    assert result.cue is not None
    assert result.cue.of(text) == "No"


@given(clinical.filter(lambda text: bool(text) and not text.isspace()), st.data())
def test_any_mention_in_any_text_has_an_assertion(text: str, data: st.DataObject) -> None:
    note = analyse(text)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    result = note.assertion(Span(start, end))
    assert isinstance(result.assertion, Assertion)
    assert result.rule
    if result.cue is not None:
        assert result.cue.of(text).strip() == result.cue.of(text) != ""


@given(clinical.filter(lambda text: bool(text) and not text.isspace()))
def test_assertions_do_not_depend_on_the_order_they_are_asked_in(text: str) -> None:
    mentions = [Span(start, end) for start, end, _ in analyse(text).tokens]
    forwards, backwards = analyse(text), analyse(text)
    first = [forwards.assertion(mention) for mention in mentions]
    second = [backwards.assertion(mention) for mention in reversed(mentions)]
    assert first == second[::-1]


@given(st.text(st.sampled_from(" \n\t"), max_size=5))
def test_blank_space_in_front_shifts_offsets_and_changes_nothing_else(space: str) -> None:
    text = "HPI: She denies fever but has a cough.\nPLAN\nReturn if fever recurs."
    plain, shifted = analyse(text), analyse(space + text)
    move = len(space)
    for start, end, _ in plain.tokens:
        there = shifted.assertion(Span(start + move, end + move))
        here = plain.assertion(Span(start, end))
        assert there.assertion is here.assertion
    assert [s.kind for s in plain.sections] == [s.kind for s in shifted.sections]


@pytest.mark.parametrize(
    "unit",
    [
        "She denies fever, chills and cough. Possible gout.\n",
        "no ",
        "not currently ",
        "a",
        "- a:\n",
        "PMH: x. ",
        "A B C: ",
        "(((",
        "fever? ",
        "1. ",
        "\n",
        "e\u0301",
    ],
)
def test_200_kilobytes_of_anything_are_taken_apart(unit: str) -> None:
    # Anything worse than linear in the text's length runs into the suite's time limit.
    text = (unit * (200_000 // len(unit) + 1))[:199_990] + " x fever"
    note = analyse(text)
    assert note.sections[-1].span.end == len(text)
    assert note.assertion(Span(len(text) - 5, len(text))).rule


def test_offsets_outside_the_text_are_refused() -> None:
    note = analyse("Fever.")
    with pytest.raises(ValueError, match="outside"):
        note.section_at(6)
    with pytest.raises(ValueError, match="outside"):
        note.sentence_at(-1)


def test_rules_are_read_once_and_an_analyser_can_hold_them() -> None:
    assert load_rules() is load_rules()
    assert Analyser(load_rules()).analyse("PLAN\nRest.").sections[0].kind == "plan"


def test_every_cue_of_the_rule_file_is_found_in_a_note() -> None:
    from suggest.text.cues import find_cues
    from suggest.text.tokens import tokenise

    rules = load_rules()
    todo = [((), rules.cues)]
    seen = 0
    while todo:
        words, node = todo.pop()
        todo += [((*words, word), child) for word, child in node.next.items()]
        if not node.rules or any(word.startswith("<") for word in words):
            continue
        seen += 1
        tokens = tokenise(" ".join(("x", *words, "y")))
        matches = find_cues(tokens, range(len(tokens)), rules)
        if words[0] != "?":
            assert any(rule in match.rules for match in matches for rule in node.rules), words
    assert seen > 800


@pytest.mark.parametrize(
    ("phrase", "variants"),
    [
        ("no", ["no"]),
        ("(a|b) c", ["a c", "b c"]),
        ("a (b |)c", ["a b c", "a c"]),
        ("a (b (c|d)|e)", ["a b c", "a b d", "a e"]),
        (r"\( x", ["( x"]),
    ],
)
def test_alternatives_of_a_phrase(phrase: str, variants: list[str]) -> None:
    assert expand(phrase) == variants


@pytest.mark.parametrize("phrase", ["a (b", "a) b"])
def test_unbalanced_phrase_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="unbalanced"):
        expand(phrase)

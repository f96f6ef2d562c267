"""Windows over a long note, and the snippets that token weights give."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suggest.text.span import Span
from training.document.model import DocumentModelError
from training.document.snippets import best
from training.document.states import windows

TEXT = "Asthma since 1990.\nHe has long-standing hypertension, well controlled."


@given(st.integers(0, 700), st.integers(1, 130), st.data())
def test_every_token_of_a_note_is_kept_from_exactly_one_window(
    tokens: int, size: int, data: st.DataObject
) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    parts = list(windows(tokens, size, overlap))
    assert [t for w in parts for t in range(w.first, w.last)] == list(range(tokens))
    for part in parts:
        assert 0 <= part.start <= part.first < part.last <= part.end <= tokens
        assert part.end - part.start == min(size, tokens)
        # A window's ends are not kept where another window has more around them.
        assert part.start == 0 or part.first - part.start >= overlap // 2
        assert part.end == tokens or part.end - part.last >= overlap // 2


def test_windows_that_overlap_whole_are_refused() -> None:
    with pytest.raises(DocumentModelError, match="cannot overlap"):
        list(windows(10, 4, 4))


def tokens_of(*pieces: str) -> list[Span]:
    found, at = [], 0
    for piece in pieces:
        at = TEXT.index(piece, at)
        found.append(Span(at, at + len(piece)))
        at += len(piece)
    return found


def test_a_snippet_is_the_heaviest_token_with_its_heavy_neighbours() -> None:
    spans = tokens_of("Asthma", "1990", ".", "He", "long", "standing", "hyper", "tension", ",")
    weights = np.array([0.05, 0, 0, 0, 0.1, 0.3, 0.5, 0.05, 0.4])
    assert [s.of(TEXT) for s in best(TEXT, spans, weights)] == ["standing hypertension"]


def test_a_snippet_stays_in_its_sentence_and_a_second_place_is_a_second_snippet() -> None:
    spans = tokens_of("1990", ".", "He", "hyper", "tension")
    weights = np.array([0.9, 0.9, 0.6, 0, 0.5])
    assert [s.of(TEXT) for s in best(TEXT, spans, weights)] == ["1990", "He", "hypertension"]


def test_no_weight_gives_no_snippet() -> None:
    assert best(TEXT, tokens_of("Asthma"), np.zeros(1)) == []
    assert best(TEXT, [], np.zeros(0)) == []


@given(st.text(max_size=60), st.data())
def test_snippets_are_inside_the_note_and_apart(text: str, data: st.DataObject) -> None:
    edges = sorted(data.draw(st.sets(st.integers(0, len(text)))))
    spans = [Span(a, b) for a, b in pairwise(edges)]
    weights = data.draw(
        st.lists(st.floats(0, 1), min_size=len(spans), max_size=len(spans)).map(np.array)
    )
    found = best(text, spans, weights)
    assert all(0 <= s.start < s.end <= len(text) for s in found)
    assert not any(a.overlaps(b) for n, a in enumerate(found) for b in found[:n])

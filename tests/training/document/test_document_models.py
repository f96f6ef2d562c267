"""Document models: what they learn of a few notes, and what they point at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from suggest.text.span import Span
from training.document.attention import LabelAttention, Settings
from training.document.crossval import features, out_of_fold
from training.document.model import DocumentModelError, Kind, Notes, log_odds
from training.document.states import Encoder, Words
from training.document.tfidf import NearestNotes, Tfidf

MODEL = Path(__file__).parents[3] / "models" / "default"
TITLES = {"J45.909": "Unspecified asthma", "M10.9": "Gout, unspecified", "N20.0": "Kidney calculus"}
STORIES = {
    "J45.909": "Wheezing since childhood; asthma is treated with an inhaler.",
    "M10.9": "A swollen toe at night. Gout was confirmed by crystals in the joint.",
    "N20.0": "Colic of the left flank. Ultrasound shows calculi.",
}
AROUND = ("The patient is seen today.", "He lives with his wife.", "Vital signs are normal.")
CODES = sorted(STORIES)
TRAIN = range(12)
TEST = range(12, 15)


def notes() -> Notes:
    texts = [
        f"{AROUND[n % 2]} {STORIES[CODES[n % 3]]} {AROUND[2 - n % 3]}\nThank you."
        for n in range(15)
    ]
    return Notes(texts, [frozenset({CODES[n % 3]}) for n in range(15)])


@pytest.fixture(scope="module")
def words() -> Words:
    return Words(MODEL)


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A very small encoder with weights drawn at random, saved as Hugging Face saves them."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    known = sorted({w.strip(".;,").lower() for t in notes().texts for w in t.split()})
    lines = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *known, "##ing", "wheez", ".", ";", ","]
    (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(lines)))
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(set(lines)), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=32,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    return folder


def attention(source: Words | Encoder, **settings: object) -> LabelAttention:
    return LabelAttention(notes(), source, TITLES, Settings(**settings), least=3)  # type: ignore[arg-type]


KINDS: dict[str, Callable[[Words], Kind]] = {
    "tfidf": lambda _: Tfidf(notes(), 3),
    "neighbours": lambda _: NearestNotes(notes(), 3),
    "words": lambda words: attention(words),
    "words with a convolution": lambda words: attention(words, convolution=1),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_code_learned_from_its_words_ranks_first(kind: str, words: Words) -> None:
    model = KINDS[kind](words).fit(TRAIN)
    p = model.probabilities(TEST)
    assert model.codes == tuple(CODES)
    assert [model.codes[k] for k in p.argmax(axis=1)] == [CODES[n % 3] for n in TEST]
    assert ((p >= 0) & (p <= 1)).all()


def test_log_odds_say_what_the_note_adds_to_the_prior(words: Words) -> None:
    rows = log_odds(attention(words).fit(TRAIN), TEST)
    for n, row in zip(TEST, rows, strict=True):
        assert {code for code, gained in row.items() if gained > 0} == {CODES[n % 3]}


def test_codes_with_too_few_notes_are_not_learned() -> None:
    assert Tfidf(notes(), 4).fit([*range(10)]).codes == (CODES[0],)
    with pytest.raises(DocumentModelError, match="no code has 40 training notes"):
        Tfidf(notes(), 40).fit(TRAIN)


@pytest.mark.parametrize("evidence", ["attention", "attingrad"])
def test_the_evidence_of_a_code_is_its_word(evidence: str, words: Words) -> None:
    model = attention(words, evidence=evidence).fit(TRAIN)
    for n, meant in zip(TEST, ("asthma", "gout", "calculi"), strict=True):
        code = CODES[n % 3]
        (first, *_) = model.evidence(n, [code])[code]
        assert meant in first.of(notes().texts[n]).lower()


@pytest.mark.parametrize("tune", [False, True])
def test_any_encoder_folder_serves_as_the_source_of_token_states(bert: Path, tune: bool) -> None:
    source = Encoder(bert, size=8, overlap=2, tune=tune)
    before = [p.detach().clone() for p in source.parameters()]
    model = attention(source, epochs=30, rate=0.02).fit(TRAIN)
    p = model.probabilities(TEST)
    assert [model.codes[k] for k in p.argmax(axis=1)] == [CODES[n % 3] for n in TEST]
    text = notes().texts[12]
    spans = [s for found in model.evidence(12, CODES).values() for s in found]
    assert spans
    assert all(s.of(text).strip() and s.end <= len(text) for s in spans)
    assert all(torch.equal(a, b) for a, b in zip(before, source.parameters(), strict=True))


def test_the_same_seed_gives_the_same_numbers(words: Words) -> None:
    first, second, other = (
        attention(words, seed=seed, batch=4).fit(TRAIN).probabilities(TEST) for seed in (7, 7, 8)
    )
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_a_note_without_a_word_is_no_error(words: Words) -> None:
    with_empty = Notes([*notes().texts, "..."], [*notes().codes, frozenset()])
    model = LabelAttention(with_empty, words, TITLES, Settings(), least=3).fit(TRAIN)
    assert model.probabilities([15]).shape == (1, 3)
    assert model.evidence(15, CODES) == {}


class Recorder:
    """A kind that tells which notes it was fitted on."""

    def __init__(self) -> None:
        self.fitted: list[frozenset[int]] = []

    def fit(self, train: range | list[int]) -> Recorder:
        self.fitted.append(frozenset(train))
        return self

    codes = ("I10",)
    prior = np.array([0.5])

    def probabilities(self, which: list[int]) -> np.ndarray:
        """As probable as the number of notes it was fitted on."""
        return np.full((len(which), 1), len(self.fitted[-1]) / 10)

    def evidence(self, note: int, codes: list[str]) -> dict[str, list[Span]]:
        return {code: [Span(note, note + 1)] for code in codes}


IDS = ["a", "b", "c", "d", "own"]
FOLDS = {"a": 0, "b": 1, "c": 2, "d": 2}


def test_no_note_is_predicted_by_a_model_that_learned_from_its_fold() -> None:
    kind = Recorder()
    predictions, known = out_of_fold(kind, IDS[:4], FOLDS)
    assert kind.fitted == [{1, 2, 3}, {0, 2, 3}, {0, 1}]
    assert [p.suggestions[0].probability for p in predictions] == [0.3, 0.3, 0.2, 0.2]
    assert predictions[2].suggestions[0].evidence[0].span == Span(2, 3)
    assert known == [{"I10"}] * 4


def test_a_rankers_training_notes_are_described_without_themselves_and_the_test_fold() -> None:
    kind = Recorder()
    made = {(held_out, note) for held_out, note, _ in features(kind, IDS, FOLDS, [4])}
    assert made == {(fold, note) for fold in range(3) for note in range(5)}
    # The three models for the tested notes, then one for each two folds left out.
    assert kind.fitted[3:] == [{2, 3}, {1}, {0}]
    assert not any(4 in one for one in kind.fitted)

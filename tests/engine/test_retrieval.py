"""Phrases that no dictionary holds find their codes, with exact places."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from suggest.engine.normal import Normaliser
from suggest.engine.pipeline import default_folder
from suggest.engine.retrieval import EncoderFile, Retriever, grams
from suggest.engine.retrieval.vectors import text_of
from suggest.errors import ModelError
from suggest.text import analyse

WORDS = ["asthma", "nephropathy", "diabetes", "retinopathy", "wheezy"]
BUCKETS = 512


@pytest.fixture(scope="module")
def toy() -> EncoderFile:
    """Five words, three codes: each word has its own axis, "wheezy" stands near asthma."""
    axes = np.eye(8, dtype=np.float32)[:5] * 2.0
    axes[4] = axes[0] * 0.9
    gram_rows = np.zeros((BUCKETS, 8), dtype=np.float32)
    for gram in grams("nephropathy", BUCKETS):
        gram_rows[gram] = axes[1]
    concepts = np.array([axes[1] + axes[2], axes[2] + axes[3], axes[0]])
    scale = np.float32(1 / 32)
    return EncoderFile(
        words=text_of(WORDS),
        terms=np.array(len(WORDS), dtype=np.int32),
        vectors=np.round(axes / scale).astype(np.int8),
        scales=np.full(5, scale),
        grams=np.round(gram_rows / scale).astype(np.int8),
        gram_scales=np.full(BUCKETS, scale),
        codes=text_of(["E11.21", "E11.31", "J45"]),
        prototypes=np.round(concepts / scale / 2).astype(np.int8),
        prototype_code=np.array([0, 1, 2], dtype=np.int32),
        categories=text_of(["E11", "J45"]),
        category_vectors=np.round(
            np.array([concepts[0] + concepts[1], axes[0]]) / scale / 4
        ).astype(np.int8),
        category_ptr=np.array([0, 2, 3], dtype=np.int32),
        floors=np.array([0.3, 0.7], dtype=np.float32),
    )


@pytest.fixture(scope="module")
def retriever(toy: EncoderFile) -> Retriever:
    return Retriever(toy, Normaliser())


def found(retriever: Retriever, text: str) -> dict[str, str]:
    """Code -> the phrase of its best hit."""
    note = analyse(text)
    hits = retriever.find(note, set())
    phrases: dict[str, str] = {}
    for hit in hits:
        start, end = note.tokens.start[hit.tokens[0]], note.tokens.end[hit.tokens[-1]]
        phrases.setdefault(hit.code, text[start:end])
    return phrases


def test_the_words_of_a_phrase_together_name_the_code(retriever: Retriever) -> None:
    assert found(retriever, "Nephropathy of diabetes.")["E11.21"] == "Nephropathy of diabetes"


def test_a_phrase_does_not_reach_over_a_sentence_or_a_denial(retriever: Retriever) -> None:
    assert "E11.21" not in found(retriever, "Nephropathy. Diabetes.")
    assert "E11.21" not in found(retriever, "Nephropathy without diabetes")


def test_a_misspelt_word_is_read_by_its_letters(retriever: Retriever) -> None:
    assert "E11.21" in found(retriever, "diabetes with nephropaty")


def test_words_near_a_term_find_its_code(retriever: Retriever) -> None:
    assert found(retriever, "\u00dcber: a wheezy asthma")["J45"] == "wheezy asthma"


def test_what_one_known_word_says_is_left_to_the_lexicon(retriever: Retriever) -> None:
    assert not found(retriever, "asthma")


def test_covered_phrases_are_left_to_the_lexicon(retriever: Retriever) -> None:
    note = analyse("diabetes nephropathy")
    assert retriever.find(note, set())
    assert not retriever.find(note, {(0, 1)})


def test_similarity_of_a_detail_is_that_of_the_code_above(retriever: Retriever) -> None:
    near = retriever.similarity(("asthma",), "J45.909")
    assert near == retriever.similarity(("asthma",), "J45")
    assert near > 0.8
    assert retriever.similarity(("asthma",), "X99") == 0.0
    assert retriever.similarity(("of",), "J45") == 0.0


def test_margin_is_the_distance_to_the_next_code(retriever: Retriever) -> None:
    best = retriever.find(analyse("diabetes retinopathy"), set())[0]
    assert best.code == "E11.31"
    assert 0.2 < best.margin < best.similarity


def test_the_file_reads_as_written(toy: EncoderFile, tmp_path: Path) -> None:
    toy.write(tmp_path / "encoder.npz")
    again = Retriever.load(tmp_path)
    assert (
        found(again, "asthmaa")
        == found(Retriever(toy, Normaliser()), "asthmaa")
        == {"J45": "asthmaa"}
    )


def test_a_missing_or_damaged_file_is_told(toy: EncoderFile, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is missing"):
        Retriever.load(tmp_path)
    toy.write(tmp_path / "encoder.npz")
    raw = (tmp_path / "encoder.npz").read_bytes()
    (tmp_path / "encoder.npz").write_bytes(raw[: len(raw) // 2])
    with pytest.raises(ModelError, match="cannot be read"):
        Retriever.load(tmp_path)


@pytest.fixture(scope="module")
def shipped() -> Retriever:
    return Retriever.load(default_folder())


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Long-standing hypertensoin.", "I10"),
        ("Known diabetic nephropaty.", "E11"),
        ("Narrowing of the aortic valve.", "I35"),
        ("Carcinoma of the jejunal wall.", "C17"),
        ("The MRI shows shrinkage of the renal parenchyma, atrophic kidney.", "N26"),
    ],
)
def test_the_shipped_encoder_reads_misspellings_and_paraphrases(
    shipped: Retriever, text: str, category: str
) -> None:
    assert category in {code[:3] for code in found(shipped, text)}


def test_words_that_name_nothing_find_nothing(shipped: Retriever) -> None:
    assert not found(shipped, "His wife said that the weather was nice. Seen again on Monday.")


def test_evidence_of_a_hit_is_the_text_at_its_place(shipped: Retriever) -> None:
    text = "\u00dcber 3\u00a0days \U0001f637: narrowing of the\u00a0aortic valve; caf\u00e9."
    note = analyse(text)
    hits = shipped.find(note, set())
    assert hits
    for hit in hits:
        for token in hit.tokens:
            piece = text[note.tokens.start[token] : note.tokens.end[token]]
            assert piece.casefold().startswith(note.tokens.norm[token][:3])
        assert tuple(sorted(set(hit.tokens))) == hit.tokens
        assert len({note.sentence_at(note.tokens.start[t]) for t in hit.tokens}) == 1


def test_serving_imports_neither_torch_nor_transformers() -> None:
    program = (
        "import sys\n"
        "from suggest import Suggester\n"
        "from suggest.engine.pipeline import default_folder\n"
        "from suggest.engine.retrieval import Retriever\n"
        "Suggester.load().suggest('Type 2 diabetes with stage 4 CKD.')\n"
        "Retriever.load(default_folder())\n"
        "print(sorted({'torch', 'transformers', 'onnxruntime'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "[]"

"""The figures of ranked lists."""

from __future__ import annotations

from training import metrics


def test_the_first_code_that_completes_a_label_stands_for_it() -> None:
    ranked = [("R51.9", 0.9), ("T14.90XA", 0.8), ("T14.90XD", 0.7), ("S52.501A", 0.2)]
    gold = {"T14.90", "S52.5", "S52", "R51.9"}
    completed = metrics.complete(ranked, gold, frozenset({"R51.9", "T14.90XA", "S52.501A"}))
    assert completed == [("R51.9", 0.9), ("T14.90", 0.8), ("T14.90XD", 0.7), ("S52.5", 0.2)]


def test_a_billable_label_is_met_by_itself_alone() -> None:
    completed = metrics.complete([("R51.9", 0.4)], {"R51.0"}, frozenset({"R51.0", "R51.9"}))
    assert completed == [("R51.9", 0.4)]


def test_average_precision_counts_what_was_not_found() -> None:
    assert metrics.average_precision(["I10", "E11.9", "J18.9"], {"I10", "J18.9", "N39.0"}) == (
        (1 / 1 + 2 / 3) / 3
    )

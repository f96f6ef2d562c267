"""Whatever the events are and whatever one thing is done to them: it is found, and named."""

from __future__ import annotations

from dataclasses import dataclass

from audit_attack import Row, rechained, rehashed
from hypothesis import assume, given
from hypothesis import strategies as st

from suggest.audit.canonical import canonical
from suggest.audit.chain import EMPTY, ZERO_HASH, Head
from suggest.audit.scan import ChainScan, Finding

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
details = st.dictionaries(words, st.none() | st.booleans() | st.integers(0, 99) | words, max_size=3)
events = st.tuples(words, words, words, st.none() | words, details)


@st.composite
def chains(draw: st.DrawFn, smallest: int = 1) -> list[Row]:
    rows = [
        (0, time, actor, event, encounter, canonical(detail), "", "")
        for time, actor, event, encounter, detail in draw(
            st.lists(events, min_size=smallest, max_size=12)
        )
    ]
    return rechained(rows)


def findings(rows: list[Row]) -> list[Finding]:
    scan = ChainScan(EMPTY)
    scan.read(rows)
    return scan.findings()


def names(found: list[Finding], seq: int) -> bool:
    return any(
        finding.seq is not None and finding.last is not None and finding.seq <= seq <= finding.last
        for finding in found
    )


@given(chains())
def test_an_untouched_chain_has_no_findings(rows: list[Row]) -> None:
    assert findings(rows) == []


@dataclass(frozen=True)
class Change:
    column: int
    value: object


changes = st.builds(Change, st.sampled_from([1, 2, 3, 4, 5]), st.none() | words | st.binary()) | (
    st.builds(
        Change, st.sampled_from([6, 7]), st.text("0123456789abcdef", min_size=64, max_size=64)
    )
)


@given(chains(), st.data(), changes)
def test_any_changed_field_is_found_in_its_row(
    rows: list[Row], data: st.DataObject, change: Change
) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    before = rows[place]
    assume(before[change.column] != change.value)
    rows[place] = (*before[: change.column], change.value, *before[change.column + 1 :])  # type: ignore[assignment]
    (finding,) = findings(rows)
    assert (finding.seq, finding.last, finding.kind) == (place + 1, place + 1, "changed")


# What a forger can hash anew: a text in any column, or no encounter.
fitting_changes = st.builds(Change, st.sampled_from([1, 2, 3, 4, 5]), words) | st.just(
    Change(4, None)
)


@given(chains(2), st.data(), fitting_changes)
def test_a_changed_row_with_a_fitting_hash_is_found(
    rows: list[Row], data: st.DataObject, change: Change
) -> None:
    place = data.draw(st.integers(0, len(rows) - 2))
    before = rows[place]
    assume(before[change.column] != change.value)
    rows[place] = rehashed((*before[: change.column], change.value, *before[change.column + 1 :]))  # type: ignore[arg-type]
    (finding,) = findings(rows)
    assert finding.kind == "changed"
    assert finding.seq is not None
    assert finding.last is not None
    assert finding.seq <= place + 1 <= finding.last <= finding.seq + 1


@given(chains(2), st.data(), st.booleans())
def test_any_missing_row_is_found(rows: list[Row], data: st.DataObject, renumbered: bool) -> None:
    place = data.draw(st.integers(0, len(rows) - 2))
    del rows[place]
    if renumbered:
        rows = [(seq, *row[1:]) for seq, row in enumerate(rows, 1)]
    found = findings(rows)
    assert (found[0].seq, found[0].last, found[0].kind) == (place + 1, place + 1, "missing")
    assert len(found) == 1 + renumbered


@given(chains(), st.data(), events, st.booleans())
def test_any_inserted_row_is_found(
    rows: list[Row], data: st.DataObject, event: tuple[str, ...], fits: bool
) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    time, actor, name, encounter, detail = event
    prev_hash = rows[place - 1][7] if place else ZERO_HASH
    forged: Row = (place + 1, time, actor, name, encounter, canonical(detail), prev_hash, "0" * 64)
    assume((forged[1:6]) != rows[place][1:6])
    behind = [(row[0] + 1, *row[1:]) for row in rows[place:]]
    found = findings([*rows[:place], rehashed(forged) if fits else forged, *behind])
    assert (found[0].seq, found[0].kind) == (place + 1, "inserted")


@given(chains(2), st.data())
def test_any_two_rows_that_changed_places_are_found(rows: list[Row], data: st.DataObject) -> None:
    one, other = data.draw(
        st.lists(st.integers(0, len(rows) - 1), min_size=2, max_size=2, unique=True)
    )
    rows[one], rows[other] = (one + 1, *rows[other][1:]), (other + 1, *rows[one][1:])
    found = findings(rows)
    assert {finding.kind for finding in found} == {"reordered"}
    assert names(found, one + 1)
    assert names(found, other + 1)


@given(chains(2), st.data())
def test_any_order_but_the_right_one_is_found(rows: list[Row], data: st.DataObject) -> None:
    mixed = data.draw(st.permutations(rows))
    assume(mixed != rows)
    found = findings([(seq, *row[1:]) for seq, row in enumerate(mixed, 1)])
    for seq, row in enumerate(mixed, 1):
        if row[0] != seq:
            assert names(found, seq)


@given(chains(3), st.data())
def test_a_scan_from_a_trusted_row_on_finds_what_is_behind_it(
    rows: list[Row], data: st.DataObject
) -> None:
    start = data.draw(st.integers(1, len(rows) - 1))
    scan = ChainScan(after=Head(rows[start - 1][0], rows[start - 1][7]))
    scan.read(rows[start:])
    assert scan.findings() == []
    assert scan.head == Head(rows[-1][0], rows[-1][7])
    other = ChainScan(after=Head(rows[start - 1][0], "f" * 64))
    other.read(rows[start:])
    assert names(other.findings(), start + 1)

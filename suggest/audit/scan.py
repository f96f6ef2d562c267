"""Reads a chain's rows in order and says which were changed, taken out, put in or moved.

A row whose content does not give its own hash was changed, or was written under another number
(moved). A row whose content is right but which does not follow from the row before shows that one
of the two was written anew. Every hash is computed from the columns as they stand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from suggest.audit.chain import EMPTY, Head, chained_hash, record_bytes
from suggest.audit.ranges import named, up_to, without

Kind = Literal[
    "changed",
    "missing",
    "inserted",
    "reordered",
    "cut-off",
    "rewritten",
    "forged-checkpoint",
    "unknown-key",
    "unprotected",
]
# seq, time, actor, event, encounter_id, detail, prev_hash, hash: whatever the database gives.
Row = Sequence[Any]

FARTHEST: Final = 1000  # how far from its place a row is looked for while reading
TRIES: Final = 200_000  # hashes spent on that in all: more tell nothing new of a log in ruins
KEPT: Final = 300  # traces of each kind that are kept; the others are counted


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with rows `seq..last` (None: with no row of the log)."""

    seq: int | None
    last: int | None
    kind: Kind
    message: str


@dataclass(slots=True)
class _Moved:
    """Rows `first..last` were written as numbers `first + by .. last + by`."""

    first: int
    last: int
    by: int


class ChainScan:
    """Feed it rows by `read`, then ask for `findings()`.

    `after` is where a trusted part ends; the rows start behind it. `seen` has the hashes of the
    rows whose numbers are in `watch`.
    """

    def __init__(self, after: Head = EMPTY, watch: Collection[int] = ()) -> None:
        self.count = 0
        self.head = after
        self.seen: dict[int, Any] = {}
        self.left_out = 0
        self._after = after
        self._watch = frozenset(watch)
        self._ends = {after.hash}  # hashes that the next row may follow from
        self._sound = True  # the row before was what it claims to be
        self._shift = 0
        self._tries = TRIES
        self._doubt: int | None = None  # a sound row that does not follow from the sound one before
        self._gaps: list[tuple[int, int]] = []
        self._moved: list[_Moved] = []
        self._broken: dict[int, Row] = {}
        self._found: list[Finding] = []

    def read(self, rows: Iterable[Row]) -> None:
        """Take the next rows, ordered by number."""
        for row in rows:
            self.count += 1
            seq, time, actor, event, encounter_id, detail, prev_hash, found = row
            next_seq = self.head.seq + 1
            if type(seq) is not int or seq < next_seq:
                self._out_of_place(seq, found)
                continue
            if seq > next_seq:
                self._keep(self._gaps, (next_seq, seq - 1))
            if seq in self._watch:
                self.seen[seq] = found
            try:
                record = record_bytes(seq + self._shift, time, actor, event, encounter_id, detail)
                sound = chained_hash(prev_hash, record) == found
            except (TypeError, AttributeError, UnicodeEncodeError):
                sound = False  # a value of another type than was written
            follows = seq > next_seq or prev_hash in self._ends
            if sound and follows and self._shift == 0 and self._doubt is None:
                self._sound = True
            else:
                self._look_closer(seq, row, sound, follows)
            self.head = Head(seq, found)
            self._ends = {found}

    def findings(self) -> list[Finding]:
        """What is wrong, by number. Call it once, when all rows were read."""
        if self._doubt is not None:
            self._rewritten(
                self._doubt - 1,
                self._doubt,
                f"row {self._doubt - 1} or row {self._doubt} was written anew: "
                "the second does not follow from the first",
            )
        self._find_exchanged()
        stand = [(run.first, run.last) for run in self._moved]
        written = [(run.first + run.by, run.last + run.by) for run in self._moved]
        broken = [(seq, seq) for seq in self._broken]

        missing = without(self._gaps, written)
        # Where the rows behind were renumbered, the place of the missing one is taken again;
        # but numbers behind the last one ever written have nothing missing.
        missing += up_to(without(stand, written), max((last for _, last in written), default=0))
        inserted = up_to(without(written, [*stand, *self._gaps]), self.head.seq)
        changed = without(broken, inserted)

        for first, last in missing:
            self._add(first, last, "missing", f"{named(first, last)} missing")
        for first, last in inserted:
            self._add(first, last, "inserted", f"{named(first, last)} inserted")
        for first, last in changed:
            message = f"{named(first, last)} not what was written: the content gives another hash"
            self._add(first, last, "changed", message)
        for run in self._moved:
            were, places = named(run.first, run.last), named(run.first + run.by, run.last + run.by)
            message = f"{were} re-ordered: written as {places.rpartition(' ')[0]}"
            self._add(run.first, run.last, "reordered", message)
        return sorted(self._found, key=lambda finding: finding.seq or 0)

    def _keep(self, kept: list[Any], trace: object, most: int = KEPT) -> None:
        if len(kept) < most:
            kept.append(trace)
        else:
            self.left_out += 1

    def _add(self, first: int, last: int, kind: Kind, message: str) -> None:
        self._keep(self._found, Finding(first, last, kind, message), 10 * KEPT)

    def _rewritten(self, first: int, last: int, message: str) -> None:
        self._add(first, last, "changed", message)

    def _out_of_place(self, seq: Any, found: Any) -> None:
        """No number, one below the first, or one that stood already."""
        if type(seq) is not int:
            self._keep(self._found, Finding(None, None, "changed", "a row has no whole number"))
            return
        if seq <= self._after.seq:
            message = f"row {seq} is inserted: the first number is {self._after.seq + 1}"
        else:
            message = f"row {seq} stands more than once: one of them is inserted"
        self._add(seq, seq, "inserted", message)
        if seq == self.head.seq:
            self._ends.add(found)

    def _look_closer(self, seq: int, row: Row, sound: bool, follows: bool) -> None:
        by = self._shift if sound else self._written_as(seq, row)
        if self._doubt is not None:
            # The row behind tells which of two sound rows that do not fit was written anew.
            guilty = self._doubt - 1 if follows else self._doubt
            message = f"row {guilty} was written anew: its neighbours do not fit it"
            self._rewritten(guilty, guilty, message)
            self._doubt = None
            self._sound = follows
        if by is None:
            self._note_broken(seq, row)
            self._sound = False
            return
        if by:
            self._note_moved(seq, by)
        if not follows and self._sound and by == self._shift:
            if seq - 1 == self._after.seq:
                message = f"row {seq} was written anew: it does not follow from what is trusted"
                self._rewritten(seq, seq, message)
                self._shift, self._sound = by, False
                return
            self._doubt = seq
        self._shift = by
        self._sound = True

    def _written_as(self, seq: int, row: Row) -> int | None:
        """How far off the number is under which the row gives its hash; None for none near."""
        nearest = [0, self._shift, self._shift + 1, self._shift - 1]
        if self._tries > 0:
            nearest += sorted(range(-FARTHEST, FARTHEST + 1), key=abs)
            self._tries -= len(nearest)
        return next((by for by in nearest if seq + by > 0 and _fits(seq + by, row)), None)

    def _note_moved(self, seq: int, by: int) -> None:
        run = self._moved[-1] if self._moved else None
        if run is not None and run.by == by and run.last == seq - 1:
            run.last = seq
        else:
            self._keep(self._moved, _Moved(seq, seq, by))

    def _note_broken(self, seq: int, row: Row) -> None:
        if len(self._broken) < KEPT:
            self._broken[seq] = row
        else:
            self.left_out += 1

    def _find_exchanged(self) -> None:
        """Rows that changed places over any distance, or moved into a gap."""
        places = set(self._broken)
        for first, last in self._gaps:
            if len(places) < 10 * KEPT:
                places.update(range(first, min(last, first + KEPT) + 1))
        for seq, row in list(self._broken.items()):
            written = next((place for place in places if _fits(place, row)), None)
            if written is not None:
                del self._broken[seq]
                self._moved.append(_Moved(seq, seq, written - seq))


def _fits(seq: int, row: Row) -> bool:
    _, time, actor, event, encounter_id, detail, prev_hash, found = row
    try:
        record = record_bytes(seq, time, actor, event, encounter_id, detail)
        return bool(chained_hash(prev_hash, record) == found)
    except (TypeError, AttributeError, UnicodeEncodeError):
        return False

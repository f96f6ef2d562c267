"""Second review: the same encounter judged again, blind to the first decision, then compared.

The reviewer judges what the model suggested and names what is missing. What the first coder added
is not shown before the item is finished: that it stands there would be the answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from suggest.codesets import CodeSet
from suggest.review.actor import Actor, Work
from suggest.review.agreement import Agreement, agreement
from suggest.review.decisions import NewCode
from suggest.review.errors import Forbidden, InvalidDecision, NotFound
from suggest.review.guard import find
from suggest.review.sampling import sample
from suggest.review.view import (
    EncounterView,
    EvidenceView,
    NoteView,
    encounter_view,
    entry_views,
    note_views,
)
from suggest.store.tables import CodedEntry, Encounter, SampleItem, SecondDecision

ChapterOf = Callable[[str, str], str]  # (system, code) -> the chapter it is counted under


@dataclass(frozen=True, slots=True)
class ItemView:
    """An encounter of a sample and how far its second review is."""

    id: int
    encounter_id: str
    position: int
    codes: int
    decided: int
    finished_at: datetime | None
    finished_by: str | None


@dataclass(frozen=True, slots=True)
class BlindCode:
    """A code to judge again. `evidence` is the engine's alone: a human's would tell the answer."""

    id: int
    system: str
    code: str
    title: str
    evidence: tuple[EvidenceView, ...]
    against: tuple[EvidenceView, ...]
    coded: bool | None
    comment: str | None
    added_by_reviewer: bool


@dataclass(frozen=True, slots=True)
class BlindItem:
    """What the second reviewer sees: the notes and the codes, not who decided what."""

    item: ItemView
    encounter: EncounterView
    notes: tuple[NoteView, ...]
    codes: tuple[BlindCode, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """Agreement over the finished items: all codes, by first coder, by code, by chapter."""

    finished: int
    overall: Agreement
    by_coder: Mapping[str, Agreement]
    by_code: Mapping[str, Agreement]
    by_chapter: Mapping[str, Agreement]


def chapters(codeset: CodeSet) -> ChapterOf:
    """Codes counted under the title of their chapter; those of another code set under its name."""

    def chapter_of(system: str, code: str) -> str:
        if system != codeset.system or code not in codeset:
            return system
        return codeset.chapter_title(codeset[code].chapter)

    return chapter_of


def items(session: Session, actor: Actor, sample_id: int) -> list[ItemView]:
    """The sample's encounters that the actor sees, in drawn order. NotFound."""
    sample(session, actor, sample_id)
    found = session.execute(
        select(SampleItem, Encounter.facility_id)
        .join(Encounter, Encounter.id == SampleItem.encounter_id)
        .where(SampleItem.sample_id == sample_id)
        .order_by(SampleItem.position)
    )
    return [_item_view(session, item) for item, facility in found if actor.sees(facility)]


def next_item(session: Session, actor: Actor, sample_id: int) -> int | None:
    """The first item that is not finished and that the actor may review; None when none is left."""
    found = session.execute(
        select(SampleItem.id, Encounter.facility_id)
        .join(Encounter, Encounter.id == SampleItem.encounter_id)
        .where(
            SampleItem.sample_id == sample_id,
            SampleItem.finished_at.is_(None),
            SampleItem.first_coder != actor.user_id,
        )
        .order_by(SampleItem.position)
    )
    return next((item_id for item_id, facility in found if actor.sees(facility)), None)


def sample_of(session: Session, actor: Actor, item_id: int) -> int:
    """The id of the item's sample. As `item`, NotFound and Forbidden."""
    return _find(session, actor, item_id)[0].sample_id


def item(session: Session, actor: Actor, item_id: int, now: datetime) -> BlindItem:
    """One encounter to judge again. NotFound; Forbidden for the coder who signed it."""
    row, encounter = _find(session, actor, item_id)
    shown = {(e.system, e.code): e for e in entry_views(session, encounter)}
    codes = []
    for d in _visible(session, row):
        entry = shown.get((d.system, d.code))
        codes.append(
            BlindCode(
                id=d.id,
                system=d.system,
                code=d.code,
                title=d.title,
                evidence=tuple(e for e in entry.evidence if not e.by_human) if entry else (),
                against=entry.against if entry else (),
                coded=d.second_coded,
                comment=d.comment,
                added_by_reviewer=d.added_by_reviewer or (_by_coder(d) and bool(d.second_coded)),
            )
        )
    return BlindItem(
        item=_item_view(session, row),
        encounter=replace(encounter_view(encounter, now), assignee=None, lease_holder=None),
        notes=tuple(note_views(session, encounter.id)),
        codes=tuple(codes),
    )


def decide(work: Work, item_id: int, code_id: int, coded: bool, comment: str | None = None) -> None:
    """Say whether the code belongs on the encounter; may be said again until it is finished."""
    row, _ = _find(work.session, work.actor, item_id)
    _refuse_finished(row)
    decision = work.session.get(SecondDecision, code_id)
    if decision is None or decision not in _visible(work.session, row):
        raise NotFound(f"item {row.id} has no code {code_id}: load it again")
    decision.second_coded, decision.comment = coded, (comment or "").strip() or None
    decision.decided_by, decision.decided_at = work.actor.user_id, work.now
    work.session.flush()
    work.record(
        "second_review.decided",
        row.encounter_id,
        {"item": row.id, "code": decision.code, "coded": coded},
    )


def add_missed(work: Work, item_id: int, new: NewCode, comment: str | None = None) -> int:
    """A code that belongs on the encounter and is not among those shown; its id.

    One that the first coder added as well is taken as found again, and looks no different.
    """
    row, encounter = _find(work.session, work.actor, item_id)
    _refuse_finished(row)
    same = (
        d for d in _decisions(work.session, row) if (d.system, d.code) == (new.system, new.code)
    )
    known = next(same, None)
    if known is not None and known in _visible(work.session, row):
        raise InvalidDecision(f"{new.code} is among the codes to judge: decide on it there")
    if known is not None:
        known.second_coded, known.comment = True, (comment or "").strip() or None
        known.decided_by, known.decided_at = work.actor.user_id, work.now
        work.session.flush()
        work.record("second_review.added", row.encounter_id, {"item": row.id, "code": new.code})
        return known.id
    first = work.session.scalar(
        select(CodedEntry.id).where(
            CodedEntry.encounter_id == encounter.id,
            CodedEntry.system == new.system,
            CodedEntry.code == new.code,
            CodedEntry.state == "accepted",
        )
    )
    decision = SecondDecision(
        item_id=row.id,
        system=new.system,
        code=new.code,
        title=new.title,
        first_coded=first is not None,
        added_by_reviewer=True,
        second_coded=True,
        comment=(comment or "").strip() or None,
        decided_by=work.actor.user_id,
        decided_at=work.now,
    )
    work.session.add(decision)
    work.session.flush()
    work.record("second_review.added", row.encounter_id, {"item": row.id, "code": new.code})
    return decision.id


def finish(work: Work, item_id: int) -> None:
    """Close the item. InvalidDecision while a code is undecided; nothing changes afterwards.

    A code that the first coder added and this review did not name does not belong, by it.
    """
    row, _ = _find(work.session, work.actor, item_id)
    _refuse_finished(row)
    undecided = [d.code for d in _visible(work.session, row) if d.second_coded is None]
    if undecided:
        raise InvalidDecision(f"undecided: {', '.join(undecided)}: say of each if it belongs")
    for decision in _decisions(work.session, row):
        if decision.second_coded is None:
            decision.second_coded = False
            decision.decided_by, decision.decided_at = work.actor.user_id, work.now
    work.session.flush()
    row.finished_at, row.finished_by = work.now, work.actor.user_id
    work.session.flush()
    work.record("second_review.finished", row.encounter_id, {"item": row.id})


def result(session: Session, actor: Actor, sample_id: int, chapter_of: ChapterOf) -> Result:
    """Agreement over what is finished and what the actor sees. NotFound."""
    confidence = float(sample(session, actor, sample_id).definition["confidence"])
    rows = session.execute(
        select(SecondDecision, SampleItem, Encounter.facility_id)
        .join(SampleItem, SampleItem.id == SecondDecision.item_id)
        .join(Encounter, Encounter.id == SampleItem.encounter_id)
        .where(SampleItem.sample_id == sample_id, SampleItem.finished_at.is_not(None))
    )
    every: list[tuple[bool, bool]] = []
    by_coder: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    by_code: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    by_chapter: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    finished = set()
    for decision, row, facility in rows:
        if not actor.sees(facility):
            continue
        finished.add(row.id)
        pair = (decision.first_coded, bool(decision.second_coded))
        every.append(pair)
        by_coder[row.first_coder].append(pair)
        by_code[decision.code].append(pair)
        by_chapter[chapter_of(decision.system, decision.code)].append(pair)

    def grouped(groups: Mapping[str, list[tuple[bool, bool]]]) -> dict[str, Agreement]:
        return {key: agreement(groups[key], confidence) for key in sorted(groups)}

    return Result(
        finished=len(finished),
        overall=agreement(every, confidence),
        by_coder=grouped(by_coder),
        by_code=grouped(by_code),
        by_chapter=grouped(by_chapter),
    )


def _find(session: Session, actor: Actor, item_id: int) -> tuple[SampleItem, Encounter]:
    row = session.get(SampleItem, item_id)
    if row is None:
        raise NotFound(f"there is no sample item {item_id}: check the id")
    encounter = find(session, actor, row.encounter_id)
    if row.first_coder == actor.user_id:
        raise Forbidden(
            f"you signed encounter {encounter.id} yourself: somebody else must review it"
        )
    return row, encounter


def _refuse_finished(row: SampleItem) -> None:
    if row.finished_at is not None:
        raise InvalidDecision(f"the second review of item {row.id} is finished: it stays as it is")


def _decisions(session: Session, row: SampleItem) -> list[SecondDecision]:
    return list(
        session.scalars(
            select(SecondDecision)
            .where(SecondDecision.item_id == row.id)
            .order_by(SecondDecision.system, SecondDecision.code)
        )
    )


def _by_coder(decision: SecondDecision) -> bool:
    """Whether the first coder added the code: the model did not suggest it, nor did the reviewer
    name it first."""
    return decision.probability is None and not decision.added_by_reviewer


def _visible(session: Session, row: SampleItem) -> list[SecondDecision]:
    """The codes to judge. One that the first coder added is shown when the reviewer named it too,
    or the item is finished: among the others it would give the first decision away."""
    return [
        d
        for d in _decisions(session, row)
        if row.finished_at is not None or not _by_coder(d) or d.decided_at is not None
    ]


def _item_view(session: Session, row: SampleItem) -> ItemView:
    shown = _visible(session, row)
    return ItemView(
        row.id,
        row.encounter_id,
        row.position,
        len(shown),
        sum(d.decided_at is not None for d in shown),
        row.finished_at,
        row.finished_by,
    )

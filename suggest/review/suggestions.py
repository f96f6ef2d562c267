"""Suggestions: made from the current notes, merged to one per code, stored once, carried over.

An engine pass takes time, so it stands outside the transaction: `inputs` reads, `merged` computes,
`store` writes and refuses when the notes changed in between. `make` does all three.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from suggest.engine import model as engine
from suggest.review import guard
from suggest.review.actor import Actor, Work
from suggest.review.carry import carry_over
from suggest.review.encounters import current_versions
from suggest.review.errors import IllegalTransition, NotesChanged
from suggest.review.events import AuditSink
from suggest.review.guard import find
from suggest.review.view import age_at
from suggest.store.base import Database
from suggest.store.tables import Encounter, Evidence, Suggestion, SuggestionRun

Suggest = Callable[[str, engine.Encounter], list[engine.Suggestion]]


@dataclass(frozen=True, slots=True)
class Model:
    """What made the suggestions: the model's id and hash, the release of the code set."""

    id: str
    sha256: str
    codeset: str


@dataclass(frozen=True, slots=True)
class NoteText:
    """The text of one note version."""

    note_version_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the engine reads: the visit and the newest version of each note."""

    encounter_id: str
    encounter: engine.Encounter
    notes: tuple[NoteText, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """One code over all notes. Evidence is (note version id, evidence) pairs."""

    code: str
    system: str
    title: str
    probability: float
    rank: int
    unspecified_because: str | None
    reasons: tuple[engine.Reason, ...]
    evidence: tuple[tuple[int, engine.Evidence], ...]
    against: tuple[tuple[int, engine.Evidence], ...]


def inputs(session: Session, actor: Actor, encounter_id: str) -> Inputs:
    """What to hand the engine. NotFound; IllegalTransition for an encounter without notes."""
    row = find(session, actor, encounter_id)
    versions = current_versions(session, row.id)
    if not versions:
        raise IllegalTransition(f"encounter {row.id} has no note: add one before suggesting")
    return Inputs(
        row.id,
        visit(session, actor, row.id),
        tuple(NoteText(v.id, v.text) for v in versions),
    )


def visit(session: Session, actor: Actor, encounter_id: str) -> engine.Encounter:
    """The encounter as the engine knows it. NotFound."""
    row = find(session, actor, encounter_id)
    return engine.Encounter(
        type=cast(engine.EncounterType, row.type),
        date_of_service=row.date_of_service,
        sex=cast(engine.Sex | None, row.sex),
        age=age_at(row.birth_date, row.date_of_service),
    )


def merged(suggest: Suggest, given: Inputs) -> tuple[Merged, ...]:
    """The engine's suggestions over all notes, one per code, most probable first.

    The probability is the highest of the notes, with its title and reasons: copied-forward text
    makes notes repeat each other, so that adding them up would count one finding many times.
    """
    found: dict[tuple[str, str], list[tuple[int, engine.Suggestion]]] = defaultdict(list)
    for note in given.notes:
        for suggestion in suggest(note.text, given.encounter):
            found[suggestion.system, suggestion.code].append((note.note_version_id, suggestion))
    best = {key: max(of, key=lambda pair: pair[1].probability)[1] for key, of in found.items()}
    order = sorted(best, key=lambda key: (-best[key].probability, key))
    return tuple(
        Merged(
            code=best[key].code,
            system=best[key].system,
            title=best[key].title,
            probability=best[key].probability,
            rank=rank,
            unspecified_because=best[key].unspecified_because,
            reasons=tuple(best[key].reasons),
            evidence=tuple((v, e) for v, s in found[key] for e in s.evidence),
            against=tuple((v, e) for v, s in found[key] for e in s.against),
        )
        for rank, key in enumerate(order, start=1)
    )


def store(work: Work, given: Inputs, codes: Sequence[Merged], model: Model) -> int:
    """Store the run and bring the encounter's entries in line with it. The encounter's version.

    The same run (model, code set, note versions) is stored once: storing it again changes nothing,
    or makes it current again when another model's run stands. A coder's lease does not stop it.
    Raises NotFound, EncounterClosed, and NotesChanged when `given` is not the newest text.
    """
    row = find(work.session, work.actor, given.encounter_id, lock=True)
    guard.refuse_closed(row)
    read = [note.note_version_id for note in given.notes]
    if read != [v.id for v in current_versions(work.session, row.id)]:
        raise NotesChanged(
            f"the notes of encounter {row.id} changed while suggestions were made: make them again"
        )
    run, before = _runs(work.session, row, model, read)
    if run is not None and before is not None and run.id == before.id:
        return row.version
    guard.touch(work, row)
    if before is not None:
        before.superseded_at = work.now
        work.session.flush()
    if run is None:
        run = _store_run(work, row, model, read, codes)
    else:
        run.superseded_at = None
        work.session.flush()
    notes_changed = before is None or before.note_versions != run.note_versions
    carry_over(work, row, run.id, notes_changed=notes_changed)
    row.suggestions_stale = False
    if row.state == "received":
        guard.step(row, "suggested")
    version = guard.finish(work, row)
    work.record(
        "suggestions.made",
        row.id,
        {
            "run": run.id,
            "model": model.id,
            "model_sha256": model.sha256,
            "codeset": model.codeset,
            "note_versions": read,
            "codes": [code.code for code in codes],
        },
    )
    return version


def make(
    db: Database,
    actor: Actor,
    audit: AuditSink,
    now: datetime,
    encounter_id: str,
    suggest: Suggest,
    model: Model,
) -> int:
    """Read, suggest and store in two transactions. Raises what `inputs` and `store` raise."""
    with db.read() as session:
        given = inputs(session, actor, encounter_id)
    codes = merged(suggest, given)
    with db.write() as session:
        return store(Work(session, actor, audit, now), given, codes, model)


def _runs(
    session: Session, row: Encounter, model: Model, read: list[int]
) -> tuple[SuggestionRun | None, SuggestionRun | None]:
    """The stored run of this model over these versions, and the run that stands."""
    key = ",".join(map(str, sorted(read)))
    runs = session.scalars(select(SuggestionRun).where(SuggestionRun.encounter_id == row.id)).all()
    wanted = (model.id, model.sha256, model.codeset, key)
    same = [r for r in runs if (r.model_id, r.model_sha256, r.codeset, r.note_versions) == wanted]
    standing = [r for r in runs if r.superseded_at is None]
    return (same[0] if same else None), (standing[0] if standing else None)


def _store_run(
    work: Work, row: Encounter, model: Model, read: list[int], codes: Sequence[Merged]
) -> SuggestionRun:
    run = SuggestionRun(
        encounter_id=row.id,
        model_id=model.id,
        model_sha256=model.sha256,
        codeset=model.codeset,
        note_versions=",".join(map(str, sorted(read))),
        made_at=work.now,
    )
    work.session.add(run)
    work.session.flush()
    stored = [
        Suggestion(
            run_id=run.id,
            system=code.system,
            code=code.code,
            title=code.title,
            probability=code.probability,
            rank=code.rank,
            unspecified_because=code.unspecified_because,
            reasons=[asdict(reason) for reason in code.reasons],
        )
        for code in codes
    ]
    work.session.add_all(stored)
    work.session.flush()
    for suggestion, code in zip(stored, codes, strict=True):
        work.session.add_all(_evidence(suggestion.id, code.evidence, against=False))
        work.session.add_all(_evidence(suggestion.id, code.against, against=True))
    work.session.flush()
    return run


def _evidence(
    suggestion_id: int, pairs: Iterable[tuple[int, engine.Evidence]], *, against: bool
) -> list[Evidence]:
    return [
        Evidence(
            suggestion_id=suggestion_id,
            note_version_id=note_version_id,
            span_start=e.start,
            span_end=e.end,
            text=e.text,
            section=e.section,
            assertion=e.assertion,
            against=against,
        )
        for note_version_id, e in pairs
    ]

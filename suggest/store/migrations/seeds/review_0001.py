"""The first rows and the rules of revision 0001: what the database refuses, whoever asks."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from suggest.store.triggers import Event, allow, append_only, refuse

SEEDS = Path(__file__).parent
APPEND_ONLY = (
    "note",
    "note_version",
    "suggestion",
    "evidence",
    "decision",
    "signature",
    "export_record",
    "reopen_record",
    "sample",
)


class Rule(NamedTuple):
    """The event on the table is refused when the SQL condition holds."""

    name: str
    table: str
    event: Event
    when: str
    message: str


def _closed(encounter_id: str) -> str:
    return (
        f"(SELECT e.state FROM encounter e WHERE e.id = {encounter_id}) "
        "IN ('completed', 'exported')"
    )


def _changed(*columns: str) -> str:
    return "(" + " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in columns) + ")"


_REOPEN = "a completed encounter cannot change: reopen it with a reason first"
_COMPLETES = "NEW.state = 'completed' AND OLD.state <> 'completed'"
_ENTRY = "SELECT 1 FROM coded_entry c WHERE c.encounter_id = NEW.id"
_NOTE_ENCOUNTER = "(SELECT n.encounter_id FROM note n WHERE n.id = NEW.note_id)"
_NOTE_TEXT = (
    "SELECT 1 FROM note_version v JOIN note n ON n.id = v.note_id "
    "WHERE v.id = NEW.note_version_id AND NEW.span_end <= v.length "
    "AND substr(v.text, NEW.span_start + 1, NEW.span_end - NEW.span_start) = NEW.text"
)
_SUGGESTION_ENCOUNTER = (
    "(SELECT r.encounter_id FROM suggestion s JOIN suggestion_run r ON r.id = s.run_id "
    "WHERE s.id = NEW.suggestion_id)"
)
_EVIDENCE_ENCOUNTER = (
    f"coalesce({_SUGGESTION_ENCOUNTER}, "
    "(SELECT c.encounter_id FROM coded_entry c WHERE c.id = NEW.entry_id))"
)
_RUN_ENCOUNTER = "(SELECT r.encounter_id FROM suggestion_run r WHERE r.id = NEW.run_id)"
_QUERY = "(SELECT q.{column} FROM physician_query q WHERE q.id = {row}.query_id)"
_NEEDS_TEXT = (
    "NEW.state = 'rejected' AND length(trim(coalesce(NEW.reject_text, ''))) = 0 "
    "AND EXISTS (SELECT 1 FROM reject_reason r WHERE r.id = NEW.reject_reason AND r.needs_text)"
)
_FOREIGN_SUGGESTION = (
    "NEW.suggestion_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM suggestion s "
    "JOIN suggestion_run r ON r.id = s.run_id WHERE s.id = NEW.suggestion_id "
    "AND r.encounter_id = NEW.encounter_id AND s.code = NEW.code AND s.system = NEW.system)"
)
_FOREIGN_REPLACEMENT = (
    "NEW.replaced_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM coded_entry c "
    "WHERE c.id = NEW.replaced_by AND c.encounter_id = NEW.encounter_id)"
)

_ENCOUNTER = (
    Rule(
        "encounter_starts_received",
        "encounter",
        "INSERT",
        "NEW.state <> 'received' OR NEW.version <> 1",
        "an encounter starts in state received, at version 1",
    ),
    Rule(
        "encounter_legal_step",
        "encounter",
        "UPDATE",
        "NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM state_transition t "
        "WHERE t.from_state = OLD.state AND t.to_state = NEW.state)",
        "no such step between these states",
    ),
    Rule(
        "encounter_version_grows",
        "encounter",
        "UPDATE",
        "NEW.version < OLD.version",
        "the version of an encounter only grows",
    ),
    Rule(
        "encounter_identity",
        "encounter",
        "UPDATE",
        _changed("id", "facility_id", "blind"),
        "an encounter keeps its id, its facility and its blind draw",
    ),
    Rule(
        "encounter_closed",
        "encounter",
        "UPDATE",
        "OLD.state IN ('completed', 'exported') AND "
        + _changed(
            "source_id",
            "patient",
            "type",
            "admission_date",
            "date_of_service",
            "sex",
            "birth_date",
            "payer",
            "suggestions_stale",
            "suggestions_hidden",
        ),
        _REOPEN,
    ),
    Rule(
        "encounter_closed_delete",
        "encounter",
        "DELETE",
        "OLD.state IN ('completed', 'exported')",
        "a completed encounter cannot be deleted",
    ),
    Rule(
        "encounter_undecided",
        "encounter",
        "UPDATE",
        f"{_COMPLETES} AND EXISTS ({_ENTRY} AND c.state = 'undecided')",
        "an encounter with an undecided suggestion cannot be completed",
    ),
    Rule(
        "encounter_stale",
        "encounter",
        "UPDATE",
        f"{_COMPLETES} AND (NEW.suggestions_stale OR NEW.suggestions_hidden)",
        "an encounter whose suggestions are hidden or older than its notes cannot be completed",
    ),
    Rule(
        "encounter_principal",
        "encounter",
        "UPDATE",
        f"{_COMPLETES} AND NOT EXISTS ({_ENTRY} AND c.principal)",
        "an encounter needs a principal (first-listed) diagnosis to be completed",
    ),
    Rule(
        "encounter_poa",
        "encounter",
        "UPDATE",
        f"{_COMPLETES} AND NEW.type = 'inpatient' AND EXISTS ({_ENTRY} "
        "AND c.state = 'accepted' AND c.kind = 'diagnosis' AND c.poa IS NULL)",
        "an inpatient encounter needs a POA indicator on every diagnosis to be completed",
    ),
    Rule(
        "encounter_query_open",
        "encounter",
        "UPDATE",
        f"{_COMPLETES} AND EXISTS (SELECT 1 FROM physician_query q "
        "WHERE q.encounter_id = NEW.id AND q.status = 'sent')",
        "an encounter with an open physician query cannot be completed",
    ),
    Rule(
        "encounter_signed",
        "encounter",
        "UPDATE",
        f"{_COMPLETES} AND NOT EXISTS (SELECT 1 FROM signature s "
        "WHERE s.encounter_id = NEW.id AND s.encounter_version = OLD.version)",
        "an encounter is completed by a signature",
    ),
    Rule(
        "encounter_reopened",
        "encounter",
        "UPDATE",
        "NEW.state = 'reopened' AND OLD.state <> 'reopened' AND NOT EXISTS "
        "(SELECT 1 FROM reopen_record r "
        "WHERE r.encounter_id = NEW.id AND r.encounter_version = OLD.version)",
        "an encounter is reopened with a reason",
    ),
    Rule(
        "encounter_exported",
        "encounter",
        "UPDATE",
        "NEW.state = 'exported' AND OLD.state <> 'exported' AND NOT EXISTS "
        "(SELECT 1 FROM export_record x "
        "WHERE x.encounter_id = NEW.id AND x.encounter_version = OLD.version)",
        "an encounter is exported with a record of the export",
    ),
)

_NOTES = (
    Rule("note_closed", "note", "INSERT", _closed("NEW.encounter_id"), _REOPEN),
    Rule("note_version_closed", "note_version", "INSERT", _closed(_NOTE_ENCOUNTER), _REOPEN),
    Rule(
        "note_version_next",
        "note_version",
        "INSERT",
        "NEW.number <> 1 + coalesce("
        "(SELECT max(v.number) FROM note_version v WHERE v.note_id = NEW.note_id), 0)",
        "the versions of a note are numbered 1, 2, 3, ...",
    ),
)

_SUGGESTIONS = (
    Rule(
        "suggestion_run_closed",
        "suggestion_run",
        "INSERT",
        _closed("NEW.encounter_id"),
        _REOPEN,
    ),
    Rule(
        "suggestion_run_fixed",
        "suggestion_run",
        "UPDATE",
        _changed(
            "id",
            "encounter_id",
            "model_id",
            "model_sha256",
            "codeset",
            "note_versions",
            "made_at",
        )
        + " OR "
        + _closed("NEW.encounter_id"),
        "a run is never changed, only superseded while its encounter is open",
    ),
    Rule(
        "suggestion_run_no_delete",
        "suggestion_run",
        "DELETE",
        "OLD.id IS NOT NULL",
        "a run is never deleted",
    ),
    Rule("suggestion_closed", "suggestion", "INSERT", _closed(_RUN_ENCOUNTER), _REOPEN),
    Rule("evidence_closed", "evidence", "INSERT", _closed(_EVIDENCE_ENCOUNTER), _REOPEN),
    Rule(
        "evidence_in_note",
        "evidence",
        "INSERT",
        f"NOT EXISTS ({_NOTE_TEXT} AND n.encounter_id = {_EVIDENCE_ENCOUNTER})",
        "evidence is the text at its span of a note of its own encounter",
    ),
)

_ENTRIES = (
    Rule(
        "coded_entry_closed_insert", "coded_entry", "INSERT", _closed("NEW.encounter_id"), _REOPEN
    ),
    Rule(
        "coded_entry_closed_update", "coded_entry", "UPDATE", _closed("NEW.encounter_id"), _REOPEN
    ),
    Rule(
        "coded_entry_no_delete",
        "coded_entry",
        "DELETE",
        "OLD.id IS NOT NULL",
        "an entry is withdrawn, never deleted",
    ),
    Rule(
        "coded_entry_fixed",
        "coded_entry",
        "UPDATE",
        _changed("id", "encounter_id", "system", "code", "kind"),
        "an entry keeps its code and its encounter: replace it instead",
    ),
    Rule(
        "coded_entry_other_insert",
        "coded_entry",
        "INSERT",
        _NEEDS_TEXT,
        "this reason for rejecting needs a text",
    ),
    Rule(
        "coded_entry_other_update",
        "coded_entry",
        "UPDATE",
        _NEEDS_TEXT,
        "this reason for rejecting needs a text",
    ),
    Rule(
        "coded_entry_suggestion_insert",
        "coded_entry",
        "INSERT",
        _FOREIGN_SUGGESTION,
        "an entry and its suggestion have one encounter and one code",
    ),
    Rule(
        "coded_entry_suggestion_update",
        "coded_entry",
        "UPDATE",
        _FOREIGN_SUGGESTION,
        "an entry and its suggestion have one encounter and one code",
    ),
    Rule(
        "coded_entry_replacement_insert",
        "coded_entry",
        "INSERT",
        _FOREIGN_REPLACEMENT,
        "an entry is replaced by an entry of its own encounter",
    ),
    Rule(
        "coded_entry_replacement_update",
        "coded_entry",
        "UPDATE",
        _FOREIGN_REPLACEMENT,
        "an entry is replaced by an entry of its own encounter",
    ),
    Rule("decision_closed", "decision", "INSERT", _closed("NEW.encounter_id"), _REOPEN),
    Rule(
        "decision_entry",
        "decision",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM coded_entry c "
        "WHERE c.id = NEW.entry_id AND c.encounter_id = NEW.encounter_id)",
        "a decision is on an entry of its own encounter",
    ),
)

_WORK = (
    Rule(
        "physician_query_closed_insert",
        "physician_query",
        "INSERT",
        _closed("NEW.encounter_id"),
        _REOPEN,
    ),
    Rule(
        "physician_query_closed_update",
        "physician_query",
        "UPDATE",
        _closed("NEW.encounter_id"),
        _REOPEN,
    ),
    Rule(
        "physician_query_no_delete",
        "physician_query",
        "DELETE",
        "OLD.id IS NOT NULL",
        "a query is withdrawn, never deleted",
    ),
    Rule(
        "physician_query_fixed",
        "physician_query",
        "UPDATE",
        "OLD.status <> 'draft' AND ("
        + _changed("encounter_id", "template", "title", "question", "created_by", "sent_at")
        + " OR CAST(NEW.options AS TEXT) <> CAST(OLD.options AS TEXT))",
        "the words of a query are fixed once it is sent",
    ),
    Rule(
        "physician_query_step",
        "physician_query",
        "UPDATE",
        "NEW.status <> OLD.status AND NOT (OLD.status = 'draft' AND NEW.status IN "
        "('sent', 'withdrawn')) AND NOT (OLD.status = 'sent' AND NEW.status IN "
        "('answered', 'withdrawn'))",
        "a query is drafted, sent, and then answered or withdrawn",
    ),
    Rule(
        "query_indicator_draft",
        "query_indicator",
        "INSERT",
        _QUERY.format(column="status", row="NEW") + " <> 'draft'",
        "the indicators of a query are fixed once it is sent",
    ),
    Rule(
        "query_indicator_in_note",
        "query_indicator",
        "INSERT",
        f"NOT EXISTS ({_NOTE_TEXT} AND n.encounter_id = "
        + _QUERY.format(column="encounter_id", row="NEW")
        + ")",
        "an indicator is the text at its span of a note of the query's encounter",
    ),
    Rule(
        "query_indicator_no_update",
        "query_indicator",
        "UPDATE",
        "OLD.id IS NOT NULL",
        "an indicator is removed and added again, not changed",
    ),
    Rule(
        "query_indicator_fixed",
        "query_indicator",
        "DELETE",
        _QUERY.format(column="status", row="OLD") + " <> 'draft'",
        "the indicators of a query are fixed once it is sent",
    ),
    Rule(
        "signature_of_version",
        "signature",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM encounter e WHERE e.id = NEW.encounter_id "
        "AND e.version = NEW.encounter_version AND e.state NOT IN ('completed', 'exported'))",
        "a signature is on the current version of an open encounter",
    ),
    Rule(
        "reopen_of_version",
        "reopen_record",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM encounter e WHERE e.id = NEW.encounter_id AND "
        "e.version = NEW.encounter_version AND e.state IN ('completed', 'exported'))",
        "only the current version of a completed encounter is reopened",
    ),
    Rule(
        "export_of_version",
        "export_record",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM encounter e WHERE e.id = NEW.encounter_id AND "
        "e.version = NEW.encounter_version AND e.state IN ('completed', 'exported'))",
        "only the current version of a completed encounter is exported",
    ),
    Rule(
        "sample_item_fixed",
        "sample_item",
        "UPDATE",
        "OLD.finished_at IS NOT NULL OR "
        + _changed("id", "sample_id", "encounter_id", "position", "first_coder"),
        "a finished second review does not change",
    ),
    Rule(
        "second_decision_fixed",
        "second_decision",
        "UPDATE",
        _changed("id", "item_id", "system", "code", "first_coded", "probability")
        + " OR (SELECT i.finished_at FROM sample_item i WHERE i.id = OLD.item_id) IS NOT NULL",
        "a finished second review does not change, nor the first decision it is compared with",
    ),
    Rule(
        "second_decision_finished",
        "second_decision",
        "INSERT",
        "(SELECT i.finished_at FROM sample_item i WHERE i.id = NEW.item_id) IS NOT NULL",
        "a finished second review does not change",
    ),
)

RULES = (*_ENCOUNTER, *_NOTES, *_SUGGESTIONS, *_ENTRIES, *_WORK)


def seed() -> None:
    """The legal steps and the reasons for rejecting."""
    steps = sa.table(
        "state_transition", sa.column("from_state", sa.String), sa.column("to_state", sa.String)
    )
    op.bulk_insert(
        steps,
        [
            {"from_state": row["from_state"], "to_state": row["to_state"]}
            for row in _rows("0001_transitions.tsv")
        ],
    )
    reasons = sa.table(
        "reject_reason",
        sa.column("id", sa.String),
        sa.column("label", sa.String),
        sa.column("position", sa.Integer),
        sa.column("needs_text", sa.Boolean),
        sa.column("active", sa.Boolean),
    )
    op.bulk_insert(
        reasons,
        [
            {
                "id": row["id"],
                "label": row["label"],
                "position": position,
                "needs_text": row["needs_text"] == "1",
                "active": True,
            }
            for position, row in enumerate(_rows("0001_reject_reasons.tsv"), start=1)
        ],
    )


def enforce() -> None:
    """Create the triggers."""
    for table in APPEND_ONLY:
        append_only(table)
    for rule in RULES:
        refuse(*rule)


def lift() -> None:
    """Drop the triggers."""
    for rule in reversed(RULES):
        allow(rule.name, rule.table)
    for table in APPEND_ONLY:
        for event in ("update", "delete"):
            allow(f"{table}_no_{event}", table)


def _rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))

"""The tables of the review work."""

from suggest.store.tables.encounters import Encounter, Facility, Note, NoteVersion, StateTransition
from suggest.store.tables.entries import CodedEntry, Decision, RejectReason
from suggest.store.tables.sampling import Sample, SampleItem, SecondDecision
from suggest.store.tables.suggestions import Evidence, Suggestion, SuggestionRun
from suggest.store.tables.work import (
    ExportRecord,
    PhysicianQuery,
    QueryIndicator,
    ReopenRecord,
    Signature,
    SiteSetting,
)

__all__ = [
    "CodedEntry",
    "Decision",
    "Encounter",
    "Evidence",
    "ExportRecord",
    "Facility",
    "Note",
    "NoteVersion",
    "PhysicianQuery",
    "QueryIndicator",
    "RejectReason",
    "ReopenRecord",
    "Sample",
    "SampleItem",
    "SecondDecision",
    "Signature",
    "SiteSetting",
    "StateTransition",
    "Suggestion",
    "SuggestionRun",
]

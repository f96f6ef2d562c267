"""Encounters, notes, suggestions, decisions, queries, signatures and second review."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from suggest.store.migrations.seeds import review_0001

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

TABLES = (
    "evidence",
    "decision",
    "query_indicator",
    "coded_entry",
    "suggestion",
    "second_decision",
    "note_version",
    "suggestion_run",
    "signature",
    "sample_item",
    "reopen_record",
    "physician_query",
    "note",
    "export_record",
    "encounter",
    "state_transition",
    "site_setting",
    "sample",
    "reject_reason",
    "facility",
)


def upgrade() -> None:
    op.create_table(
        "facility",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
    )
    op.create_table(
        "reject_reason",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("needs_text", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reject_reason")),
    )
    op.create_table(
        "sample",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("size >= 1 AND size <= population", name=op.f("ck_sample_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample")),
    )
    op.create_table(
        "site_setting",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_site_setting")),
    )
    op.create_table(
        "state_transition",
        sa.Column("from_state", sa.String(length=16), nullable=False),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("from_state", "to_state", name=op.f("pk_state_transition")),
    )
    op.create_table(
        "encounter",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("facility_id", sa.String(length=64), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=True),
        sa.Column("patient", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("admission_date", sa.Date(), nullable=True),
        sa.Column("date_of_service", sa.Date(), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("payer", sa.String(length=200), nullable=True),
        sa.Column("claim_deadline", sa.Date(), nullable=True),
        sa.Column(
            "due_on",
            sa.Date(),
            sa.Computed("coalesce(claim_deadline, '9999-12-31')", persisted=True),
            nullable=False,
        ),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("assignee", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lease_holder", sa.String(length=64), nullable=True),
        sa.Column("lease_expires_at", TIME, nullable=True),
        sa.Column("blind", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("suggestions_hidden", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("suggestions_stale", sa.Boolean(), nullable=False),
        sa.Column("suggestion_count", sa.Integer(), nullable=False),
        sa.Column("undecided_count", sa.Integer(), nullable=False),
        sa.Column("lowest_probability", sa.Double(), nullable=True),
        sa.Column(
            "probability_key",
            sa.Double(),
            sa.Computed("coalesce(lowest_probability, 2.0)", persisted=True),
            nullable=False,
        ),
        sa.Column("undo_floor", ID, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.CheckConstraint("sex IS NULL OR sex IN ('F', 'M')", name=op.f("ck_encounter_sex")),
        sa.CheckConstraint(
            "state IN ('received', 'suggested', 'in_review', 'query_open', 'reopened', "
            "'completed', 'exported')",
            name=op.f("ck_encounter_state"),
        ),
        sa.CheckConstraint(
            "type IN ('inpatient', 'outpatient', 'emergency')", name=op.f("ck_encounter_type")
        ),
        sa.CheckConstraint(
            "(lease_holder IS NULL) = (lease_expires_at IS NULL)", name=op.f("ck_encounter_lease")
        ),
        sa.CheckConstraint(
            "admission_date IS NULL OR admission_date <= date_of_service",
            name=op.f("ck_encounter_admission_date"),
        ),
        sa.CheckConstraint(
            "birth_date IS NULL OR birth_date <= date_of_service",
            name=op.f("ck_encounter_birth_date"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_encounter_version")),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.id"], name=op.f("fk_encounter_facility_id_facility")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_encounter")),
        sa.UniqueConstraint(
            "facility_id", "source_id", name=op.f("uq_encounter_facility_id_source_id")
        ),
    )
    op.create_index(
        "ix_encounter_by_assignee",
        "encounter",
        ["assignee", "due_on", "id", "facility_id", "state", "type"],
        unique=False,
    )
    op.create_index(
        "ix_encounter_by_deadline",
        "encounter",
        ["due_on", "id", "facility_id", "state", "type", "assignee", "undecided_count"],
        unique=False,
    )
    op.create_index(
        "ix_encounter_by_patient", "encounter", ["facility_id", "patient"], unique=False
    )
    op.create_index(
        "ix_encounter_by_received",
        "encounter",
        [
            "received_at",
            "id",
            "facility_id",
            "state",
            "type",
            "assignee",
            "undecided_count",
            "due_on",
        ],
        unique=False,
    )
    op.create_index(
        "ix_encounter_by_state",
        "encounter",
        ["state", "facility_id", "due_on", "id", "type", "assignee"],
        unique=False,
    )
    op.create_index(
        "ix_encounter_open_by_deadline",
        "encounter",
        ["due_on", "id", "facility_id", "state", "type", "assignee", "undecided_count"],
        unique=False,
        sqlite_where=sa.text(
            "state IN ('received', 'suggested', 'in_review', 'query_open', 'reopened')"
        ),
        postgresql_where=sa.text(
            "state IN ('received', 'suggested', 'in_review', 'query_open', 'reopened')"
        ),
    )
    op.create_index(
        "ix_encounter_open_by_probability",
        "encounter",
        [
            "probability_key",
            "id",
            "facility_id",
            "state",
            "type",
            "assignee",
            "undecided_count",
            "due_on",
        ],
        unique=False,
        sqlite_where=sa.text(
            "state IN ('received', 'suggested', 'in_review', 'query_open', 'reopened')"
        ),
        postgresql_where=sa.text(
            "state IN ('received', 'suggested', 'in_review', 'query_open', 'reopened')"
        ),
    )
    op.create_table(
        "export_record",
        sa.Column("id", ID, nullable=False),
        sa.Column("encounter_id", sa.String(length=26), nullable=False),
        sa.Column("encounter_version", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_export_record_encounter_id_encounter")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_record")),
    )
    op.create_index("ix_export_record_encounter", "export_record", ["encounter_id"], unique=False)
    op.create_table(
        "note",
        sa.Column("id", ID, nullable=False),
        sa.Column("encounter_id", sa.String(length=26), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("author_role", sa.String(length=100), nullable=False),
        sa.Column("written_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_note_encounter_id_encounter")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index("ix_note_encounter", "note", ["encounter_id"], unique=False)
    op.create_table(
        "physician_query",
        sa.Column("id", ID, nullable=False),
        sa.Column("encounter_id", sa.String(length=26), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answer_text", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(length=200), nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(status = 'answered') = (answer IS NOT NULL)", name=op.f("ck_physician_query_answer")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'sent', 'answered', 'withdrawn')",
            name=op.f("ck_physician_query_status"),
        ),
        sa.ForeignKeyConstraint(
            ["encounter_id"],
            ["encounter.id"],
            name=op.f("fk_physician_query_encounter_id_encounter"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_physician_query")),
    )
    op.create_index(
        "ix_physician_query_encounter", "physician_query", ["encounter_id", "status"], unique=False
    )
    op.create_table(
        "reopen_record",
        sa.Column("id", ID, nullable=False),
        sa.Column("encounter_id", sa.String(length=26), nullable=False),
        sa.Column("encounter_version", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_reopen_record_reason")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_reopen_record_encounter_id_encounter")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reopen_record")),
        sa.UniqueConstraint(
            "encounter_id",
            "encounter_version",
            name=op.f("uq_reopen_record_encounter_id_encounter_version"),
        ),
    )
    op.create_table(
        "sample_item",
        sa.Column("id", ID, nullable=False),
        sa.Column("sample_id", ID, nullable=False),
        sa.Column("encounter_id", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("first_coder", sa.String(length=64), nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("finished_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_sample_item_encounter_id_encounter")
        ),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["sample.id"], name=op.f("fk_sample_item_sample_id_sample")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_item")),
        sa.UniqueConstraint(
            "sample_id", "encounter_id", name=op.f("uq_sample_item_sample_id_encounter_id")
        ),
        sa.UniqueConstraint(
            "sample_id", "position", name=op.f("uq_sample_item_sample_id_position")
        ),
    )
    op.create_table(
        "signature",
        sa.Column("id", ID, nullable=False),
        sa.Column("encounter_id", sa.String(length=26), nullable=False),
        sa.Column("encounter_version", sa.Integer(), nullable=False),
        sa.Column("codes_sha256", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_signature_encounter_id_encounter")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.UniqueConstraint(
            "encounter_id",
            "encounter_version",
            name=op.f("uq_signature_encounter_id_encounter_version"),
        ),
    )
    op.create_table(
        "suggestion_run",
        sa.Column("id", ID, nullable=False),
        sa.Column("encounter_id", sa.String(length=26), nullable=False),
        sa.Column("model_id", sa.String(length=200), nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=False),
        sa.Column("codeset", sa.String(length=100), nullable=False),
        sa.Column("note_versions", sa.Text(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("superseded_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["encounter_id"],
            ["encounter.id"],
            name=op.f("fk_suggestion_run_encounter_id_encounter"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_run")),
        sa.UniqueConstraint(
            "encounter_id",
            "model_id",
            "model_sha256",
            "codeset",
            "note_versions",
            name=op.f("uq_suggestion_run_encounter_id_model_id_model_sha256_codeset_note_versions"),
        ),
    )
    op.create_index(
        "uq_suggestion_run_current",
        "suggestion_run",
        ["encounter_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "note_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("note_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("received_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "number = 1 OR length(trim(coalesce(reason, ''))) > 0",
            name=op.f("ck_note_version_correction_has_reason"),
        ),
        sa.CheckConstraint("length = length(text)", name=op.f("ck_note_version_length")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_note_version_sha256")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_note_version_number")),
        sa.ForeignKeyConstraint(
            ["note_id"], ["note.id"], name=op.f("fk_note_version_note_id_note")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_version")),
        sa.UniqueConstraint("note_id", "number", name=op.f("uq_note_version_note_id_number")),
    )
    op.create_table(
        "second_decision",
        sa.Column("id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=True),
        sa.Column("first_coded", sa.Boolean(), nullable=False),
        sa.Column("added_by_reviewer", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("second_coded", sa.Boolean(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(second_coded IS NULL) = (decided_at IS NULL)", name=op.f("ck_second_decision_decided")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["sample_item.id"], name=op.f("fk_second_decision_item_id_sample_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_decision")),
        sa.UniqueConstraint(
            "item_id", "system", "code", name=op.f("uq_second_decision_item_id_system_code")
        ),
    )
    op.create_index("ix_second_decision_code", "second_decision", ["code", "system"], unique=False)
    op.create_table(
        "suggestion",
        sa.Column("id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("unspecified_because", sa.Text(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "probability >= 0 AND probability <= 1", name=op.f("ck_suggestion_probability")
        ),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_suggestion_rank")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["suggestion_run.id"], name=op.f("fk_suggestion_run_id_suggestion_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
        sa.UniqueConstraint(
            "run_id", "system", "code", name=op.f("uq_suggestion_run_id_system_code")
        ),
    )
    op.create_table(
        "coded_entry",
        sa.Column("id", ID, nullable=False),
        sa.Column("encounter_id", sa.String(length=26), nullable=False),
        sa.Column("suggestion_id", ID, nullable=True),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reject_reason", sa.String(length=64), nullable=True),
        sa.Column("reject_text", sa.Text(), nullable=True),
        sa.Column("replaced_by", ID, nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("principal", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("poa", sa.String(length=8), nullable=True),
        sa.Column("stale", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("found_blind", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(state = 'rejected') = (reject_reason IS NOT NULL)",
            name=op.f("ck_coded_entry_reject_has_reason"),
        ),
        sa.CheckConstraint(
            "(state = 'replaced') = (replaced_by IS NOT NULL)",
            name=op.f("ck_coded_entry_replaced_by"),
        ),
        sa.CheckConstraint(
            "NOT principal OR (state = 'accepted' AND kind = 'diagnosis')",
            name=op.f("ck_coded_entry_principal"),
        ),
        sa.CheckConstraint("kind IN ('diagnosis', 'procedure')", name=op.f("ck_coded_entry_kind")),
        sa.CheckConstraint(
            "origin <> 'suggested' OR suggestion_id IS NOT NULL",
            name=op.f("ck_coded_entry_suggested"),
        ),
        sa.CheckConstraint(
            "origin IN ('suggested', 'added', 'replacement')", name=op.f("ck_coded_entry_origin")
        ),
        sa.CheckConstraint(
            "poa IS NULL OR poa IN ('Y', 'N', 'U', 'W', 'exempt')", name=op.f("ck_coded_entry_poa")
        ),
        sa.CheckConstraint(
            "state <> 'accepted' OR sequence IS NOT NULL",
            name=op.f("ck_coded_entry_accepted_has_sequence"),
        ),
        sa.CheckConstraint(
            "state IN ('undecided', 'accepted', 'rejected', 'replaced', 'withdrawn')",
            name=op.f("ck_coded_entry_state"),
        ),
        sa.CheckConstraint(
            "replaced_by IS NULL OR replaced_by <> id", name=op.f("ck_coded_entry_not_by_itself")
        ),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_coded_entry_encounter_id_encounter")
        ),
        sa.ForeignKeyConstraint(
            ["reject_reason"],
            ["reject_reason.id"],
            name=op.f("fk_coded_entry_reject_reason_reject_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by"], ["coded_entry.id"], name=op.f("fk_coded_entry_replaced_by_coded_entry")
        ),
        sa.ForeignKeyConstraint(
            ["suggestion_id"],
            ["suggestion.id"],
            name=op.f("fk_coded_entry_suggestion_id_suggestion"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coded_entry")),
    )
    op.create_index("ix_coded_entry_code", "coded_entry", ["code", "system"], unique=False)
    op.create_index(
        "ix_coded_entry_encounter", "coded_entry", ["encounter_id", "state"], unique=False
    )
    op.create_index("ix_coded_entry_suggestion", "coded_entry", ["suggestion_id"], unique=False)
    op.create_index(
        "uq_coded_entry_principal",
        "coded_entry",
        ["encounter_id"],
        unique=True,
        sqlite_where=sa.text("principal"),
        postgresql_where=sa.text("principal"),
    )
    op.create_index(
        "uq_coded_entry_standing",
        "coded_entry",
        ["encounter_id", "system", "code"],
        unique=True,
        sqlite_where=sa.text("state <> 'withdrawn'"),
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_table(
        "query_indicator",
        sa.Column("id", ID, nullable=False),
        sa.Column("query_id", ID, nullable=False),
        sa.Column("note_version_id", ID, nullable=False),
        sa.Column("span_start", sa.Integer(), nullable=False),
        sa.Column("span_end", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "span_start >= 0 AND span_start < span_end", name=op.f("ck_query_indicator_span")
        ),
        sa.ForeignKeyConstraint(
            ["note_version_id"],
            ["note_version.id"],
            name=op.f("fk_query_indicator_note_version_id_note_version"),
        ),
        sa.ForeignKeyConstraint(
            ["query_id"],
            ["physician_query.id"],
            name=op.f("fk_query_indicator_query_id_physician_query"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_query_indicator")),
    )
    op.create_index("ix_query_indicator_query", "query_indicator", ["query_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", ID, nullable=False),
        sa.Column("encounter_id", sa.String(length=26), nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("action", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("undoes", sa.String(length=26), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("ms_spent", sa.Integer(), nullable=True),
        sa.Column("evidence_seen", sa.Double(), nullable=True),
        sa.CheckConstraint(
            "evidence_seen IS NULL OR (evidence_seen >= 0 AND evidence_seen <= 1)",
            name=op.f("ck_decision_evidence_seen"),
        ),
        sa.CheckConstraint("ms_spent IS NULL OR ms_spent >= 0", name=op.f("ck_decision_ms_spent")),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_decision_encounter_id_encounter")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["coded_entry.id"], name=op.f("fk_decision_entry_id_coded_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_actor", "decision", ["actor", "at"], unique=False)
    op.create_index("ix_decision_encounter", "decision", ["encounter_id", "id"], unique=False)
    op.create_index("ix_decision_entry", "decision", ["entry_id"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("id", ID, nullable=False),
        sa.Column("suggestion_id", ID, nullable=True),
        sa.Column("entry_id", ID, nullable=True),
        sa.Column("action", sa.String(length=26), nullable=True),
        sa.Column("note_version_id", ID, nullable=False),
        sa.Column("span_start", sa.Integer(), nullable=False),
        sa.Column("span_end", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("section", sa.String(length=100), nullable=False),
        sa.Column("assertion", sa.String(length=32), nullable=False),
        sa.Column("against", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint(
            "(entry_id IS NULL) = (action IS NULL)", name=op.f("ck_evidence_action")
        ),
        sa.CheckConstraint(
            "(suggestion_id IS NULL) <> (entry_id IS NULL)", name=op.f("ck_evidence_one_owner")
        ),
        sa.CheckConstraint(
            "span_start >= 0 AND span_start < span_end", name=op.f("ck_evidence_span")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["coded_entry.id"], name=op.f("fk_evidence_entry_id_coded_entry")
        ),
        sa.ForeignKeyConstraint(
            ["note_version_id"],
            ["note_version.id"],
            name=op.f("fk_evidence_note_version_id_note_version"),
        ),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestion.id"], name=op.f("fk_evidence_suggestion_id_suggestion")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_entry", "evidence", ["entry_id"], unique=False)
    op.create_index("ix_evidence_note_version", "evidence", ["note_version_id"], unique=False)
    op.create_index("ix_evidence_suggestion", "evidence", ["suggestion_id"], unique=False)

    review_0001.seed()
    review_0001.enforce()


def downgrade() -> None:
    review_0001.lift()
    for table in TABLES:
        op.drop_table(table)

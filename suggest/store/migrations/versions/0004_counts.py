"""The index by state, which the worklist was better off without, makes room for one that counts"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_encounter_by_state", "encounter")
    op.create_index("ix_encounter_facility_state", "encounter", ["facility_id", "state"])


def downgrade() -> None:
    op.drop_index("ix_encounter_facility_state", "encounter")
    op.create_index(
        "ix_encounter_by_state",
        "encounter",
        ["state", "facility_id", "due_on", "id", "type", "assignee"],
    )

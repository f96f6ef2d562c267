"""An index over the encounters that wait for suggestions"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_encounter_waiting",
        "encounter",
        ["due_on", "id"],
        sqlite_where=sa.text("suggestions_stale = 1"),
        postgresql_where=sa.text("suggestions_stale"),
    )


def downgrade() -> None:
    op.drop_index("ix_encounter_waiting", "encounter")

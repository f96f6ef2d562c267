"""The audit log and sign-in

The audit log's triggers: rows are never changed or deleted, and a row is only ever added behind
the last one, linked to it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from suggest.store.triggers import allow, append_only, refuse

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ROLES = ("coder", "lead", "auditor", "ml_engineer", "admin", "system")
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_FOLLOWS = (
    "NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit_event) "
    "OR NEW.prev_hash <> coalesce("
    "(SELECT hash FROM audit_event ORDER BY seq DESC LIMIT 1), '" + "0" * 64 + "')"
)


def upgrade() -> None:
    _audit()
    _users()
    _sign_in()


def _audit() -> None:
    op.create_table(
        "audit_event",
        sa.Column("seq", _BIG, primary_key=True, autoincrement=False),
        sa.Column("time", sa.String(27), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("event", sa.String(100), nullable=False),
        sa.Column("encounter_id", sa.String(200)),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.CheckConstraint("length(hash) = 64", name="hash_length"),
        sa.CheckConstraint("length(prev_hash) = 64", name="prev_hash_length"),
    )
    for column in ("encounter_id", "actor", "event"):
        op.create_index(f"ix_audit_event_{column}_seq", "audit_event", [column, "seq"])
    op.create_table(
        "audit_checkpoint",
        sa.Column("id", _BIG, primary_key=True, autoincrement=True),
        sa.Column("seq", _BIG, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("count", _BIG, nullable=False),
        sa.Column("time", sa.String(27), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
    )
    refuse(
        "audit_event_follows",
        "audit_event",
        "INSERT",
        _FOLLOWS,
        "an audit event is added behind the last one and linked to it",
    )
    for table in ("audit_event", "audit_checkpoint"):
        append_only(table)
        if op.get_context().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_no_delete()"
            )


def _users() -> None:
    op.create_table(
        "auth_user",
        sa.Column("id", sa.String(26), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("display_name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.String(300)),
        sa.Column("oidc_issuer", sa.String(300)),
        sa.Column("oidc_subject", sa.String(300)),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("demo", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("created_at", _TIME, nullable=False),
        sa.UniqueConstraint("name"),
        sa.UniqueConstraint("oidc_issuer", "oidc_subject", name="uq_auth_user_oidc"),
        sa.CheckConstraint(f"role IN ({', '.join(map(repr, _ROLES))})", name="role"),
        sa.CheckConstraint("(oidc_issuer IS NULL) = (oidc_subject IS NULL)", name="oidc"),
    )
    op.create_table(
        "auth_user_facility",
        sa.Column("user_id", sa.String(26), sa.ForeignKey("auth_user.id"), primary_key=True),
        sa.Column("facility_id", sa.String(64), primary_key=True),
    )


def _sign_in() -> None:
    op.create_table(
        "auth_session",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("user_id", sa.String(26), sa.ForeignKey("auth_user.id"), nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("last_seen_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
    )
    op.create_index("ix_auth_session_user_id", "auth_session", ["user_id"])
    op.create_index("ix_auth_session_expires_at", "auth_session", ["expires_at"])
    op.create_table(
        "auth_throttle",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", _TIME, nullable=False),
        sa.Column("blocked_until", _TIME),
    )
    op.create_table(
        "auth_api_token",
        sa.Column("id", sa.String(26), primary_key=True),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(26), sa.ForeignKey("auth_user.id"), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("revoked_at", _TIME),
        sa.Column("last_used_at", _TIME),
        sa.UniqueConstraint("prefix"),
    )
    op.create_index("ix_auth_api_token_user_id", "auth_api_token", ["user_id"])
    op.create_table(
        "auth_oidc_flow",
        sa.Column("id_hash", sa.String(64), primary_key=True),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
    )


def downgrade() -> None:
    for table in (
        "auth_oidc_flow",
        "auth_api_token",
        "auth_throttle",
        "auth_session",
        "auth_user_facility",
        "auth_user",
    ):
        op.drop_table(table)
    for table in ("audit_event", "audit_checkpoint"):
        if op.get_context().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        for event in ("update", "delete"):
            allow(f"{table}_no_{event}", table)
    allow("audit_event_follows", "audit_event")
    op.drop_table("audit_checkpoint")
    op.drop_table("audit_event")

"""Tables of accounts, which belong to no organization, their sign-ins, tokens and events."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import ids
from qgp.kit.indexes import reasons
from qgp.kit.model import Base, Owned


class Account(Base):
    """The credentials of a person.

    Attributes:
        email: the key of the address that the person signs in with, as `EmailAddress` says.
        password_hash: argon2id, or None until an invited person has chosen a password.
    """

    __tablename__ = "accounts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]
    password_changed_at: Mapped[datetime | None]


class LogIn(Owned):
    """A signed-in device: the `sid` of its access tokens and the family of its refresh tokens."""

    __tablename__ = "log_ins"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("accounts.id"))
    user_id: Mapped[UUID]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    __table_args__ = (
        sa.Index(None, "account_id", info=reasons("sign-ins of an account, at their renewal")),
        sa.ForeignKeyConstraint(
            ["organization_id", "user_id"], ["users.organization_id", "users.id"]
        ),
    )


class RefreshToken(Base):
    """One refresh token of a log-in, good for one use; only its SHA-256 is kept.

    Nothing revokes it but its log-in, which it needs at every use.
    """

    __tablename__ = "refresh_tokens"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    log_in_id: Mapped[UUID]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PasswordReset(Base):
    """Latest request for a new password of an account; only the SHA-256 of its token is kept."""

    __tablename__ = "password_resets"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("accounts.id"), primary_key=True)
    hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AccountEventKind(StrEnum):
    """Kind of a security log entry; failures feed the throttle."""

    LOG_IN = "LOG_IN"
    LOG_IN_FAILED = "LOG_IN_FAILED"
    LOG_OUT = "LOG_OUT"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - not a password
    REFRESH_REUSED = "REFRESH_REUSED"
    PASSWORD_RESET_REQUESTED = "PASSWORD_RESET_REQUESTED"  # noqa: S105 - not a password


class AccountEvent(Base):
    """The append-only security log of accounts; `email_key` also stands for unknown ones.

    Attributes:
        network, address: where the request came from: its IPv4 /24 and /32, its IPv6 /64. Events
            from before the address was kept have none.
    """

    __tablename__ = "account_events"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    at: Mapped[datetime]
    kind: Mapped[AccountEventKind]
    account_id: Mapped[UUID | None]
    email_key: Mapped[bytes | None]
    network: Mapped[str]
    address: Mapped[str | None]
    request_id: Mapped[str | None]
    __table_args__ = (
        sa.Index(None, "email_key", "at", info=reasons("recent attempts at an account")),
        sa.Index(None, "network", "at", info=reasons("recent attempts from a network")),
        sa.Index(
            "ix_account_events_signed_in_from",
            "email_key",
            "address",
            "at",
            info=reasons("addresses from which an account has signed in"),
            postgresql_where=sa.text("kind = 'LOG_IN'"),
        ),
    )

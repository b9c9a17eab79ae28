"""What rates are made of beside the issues themselves, and the sheets that were signed."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from geo_service.storage.tables.base import Code, Key, metadata

# One row for each issue that somebody has handled here, also after its source said otherwise of it.
issue_measures = Table(
    "issue_measures",
    metadata,
    Column("issue_id", Key, ForeignKey("issues.id"), primary_key=True),
    Column("accepted_s", BigInteger),
    Column("responded_s", BigInteger),
    Column("response_due_s", BigInteger),
    Column("answered_s", BigInteger),
    Column("resolved", String),
    Column("satisfaction", String),
    Column("tier", String),
    Column("is_excluded", Boolean, nullable=False),
    Column("is_exempted", Boolean, nullable=False),
    Column("duplicate_of", Key, ForeignKey("issues.id")),
    Index("ix_issue_measures_duplicate_of", "duplicate_of"),
)

# How long an issue has been with each tier, and since when it is there now.
issue_spells = Table(
    "issue_spells",
    metadata,
    Column("issue_id", Key, ForeignKey("issues.id"), primary_key=True),
    Column("tier", String, primary_key=True),
    Column("used_s", BigInteger, nullable=False),
    Column("entered_s", BigInteger),
)

# Who owned an issue when it was responded to, and when its caller answered last.
issue_credits = Table(
    "issue_credits",
    metadata,
    Column("issue_id", Key, ForeignKey("issues.id"), primary_key=True),
    Column("event", String, primary_key=True),
    Column("family", Code, primary_key=True),
    Column("chain_id", Key, ForeignKey("chains.id")),
    Index("ix_issue_credits_chain_id", "chain_id"),
)

# Sheets as they were signed, none ever changed: ``figures`` is JSON, and ``hash`` its SHA-256. A
# correction (更正版) stands beside what it ``corrects``.
signed_sheets = Table(
    "signed_sheets",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("layer", Code, nullable=False),
    Column("from_s", BigInteger, nullable=False),
    Column("to_s", BigInteger, nullable=False),
    Column("known_at_s", BigInteger, nullable=False),
    Column("signed_by", String, nullable=False),
    Column("corrects", Integer, ForeignKey("signed_sheets.number")),
    Column("hash", String(64), nullable=False),
    Column("figures", Text, nullable=False),
    Column("page", LargeBinary, nullable=False),
    Column("workbook", LargeBinary, nullable=False),
    Index("ix_signed_sheets_corrects", "corrects"),
)

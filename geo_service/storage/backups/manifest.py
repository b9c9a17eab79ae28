"""What a backup says of itself: when it was made, by what, and all that it holds, with hashes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

FORMAT = 2
"""Another number for any change that an older version must not overlook.

1 has no photos, and is still what is written where there are none.
"""


@dataclass(frozen=True)
class Member:
    """One file in a backup: its name, its size in bytes, its SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class TableContent:
    """How many rows a table has, and the hash of what they hold."""

    name: str
    rows: int
    content_hash: str


@dataclass(frozen=True)
class PackedFiles:
    """The photos in a backup: how many, of how many bytes; their names are their SHA-256.

    ``lacking`` are those that the database names and that were gone or damaged when it was made.
    """

    count: int = 0
    size: int = 0
    lacking: Sequence[str] = ()


@dataclass(frozen=True)
class Manifest:
    """One backup in its own words."""

    made_at_s: int
    version: str
    """Of the geo_service that made it."""
    revision: str
    """Of the tables: the newest migration they have been through."""
    source: str
    """``sqlite`` or ``postgresql``."""
    profile: tuple[str, str] | None
    """Name and hash of the profile in use; None in a database that was never opened."""
    tables: Sequence[TableContent]
    members: Sequence[Member]
    files: PackedFiles = PackedFiles()

    @property
    def rows(self) -> int:
        """The rows of all tables."""
        return sum(table.rows for table in self.tables)

    def as_json(self) -> dict[str, Any]:
        """Return what stands in the file."""
        name, profile_hash = self.profile or (None, None)
        return {
            "format": FORMAT if self.files.count else 1,
            "made_at": datetime.fromtimestamp(self.made_at_s, UTC).isoformat(),
            "geo_service": self.version,
            "schema_revision": self.revision,
            "source": self.source,
            "profile": {"name": name, "hash": profile_hash},
            "tables": [
                {"name": each.name, "rows": each.rows, "content_hash": each.content_hash}
                for each in self.tables
            ],
            "members": [
                {"name": each.name, "bytes": each.size, "sha256": each.sha256}
                for each in self.members
            ],
            "attachments": {
                "count": self.files.count,
                "bytes": self.files.size,
                "lacking": list(self.files.lacking),
            },
        }


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return a manifest as it is written."""
    return json.dumps(manifest.as_json(), ensure_ascii=False, indent=1).encode()


def read_head(written: bytes) -> tuple[int, str, Mapping[str, Any]]:
    """Return the format, the version that made it, and all else; of any format, newer ones too.

    Raises
    ------
    ValueError, TypeError, KeyError
        It is not what any version writes.
    """
    found = json.loads(written)
    return int(found["format"]), str(found["geo_service"]), found


def manifest_from(found: Mapping[str, Any]) -> Manifest:
    """Return the manifest of this format.

    Raises
    ------
    ValueError, TypeError, KeyError
        Something is missing, or is not what it should be.
    """
    profile = found["profile"]
    files = found.get("attachments", {"count": 0, "bytes": 0, "lacking": []})
    return Manifest(
        made_at_s=int(datetime.fromisoformat(found["made_at"]).timestamp()),
        version=str(found["geo_service"]),
        revision=str(found["schema_revision"]),
        source=str(found["source"]),
        profile=(str(profile["name"]), str(profile["hash"])) if profile["hash"] else None,
        tables=[
            TableContent(str(each["name"]), int(each["rows"]), str(each["content_hash"]))
            for each in found["tables"]
        ],
        members=[
            Member(str(each["name"]), int(each["bytes"]), str(each["sha256"]))
            for each in found["members"]
        ],
        files=PackedFiles(
            int(files["count"]), int(files["bytes"]), tuple(map(str, files["lacking"]))
        ),
    )

"""What every check stands on: one snapshot, its editions, and the profiles it was made by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import shapely

from geo_service.errors import InvalidProfile
from geo_service.governance.profile import Profile, parse_profile
from geo_service.layers.area import Geometries
from geo_service.layers.edition import IN_FORCE, Edition, governing_edition
from geo_service.layers.layer import Layers
from geo_service.layers.layer_tables import layers_from_tables
from geo_service.services.verification.findings import CheckReport
from geo_service.services.workspaces import Workspace
from geo_service.storage import verification_rows
from geo_service.storage.databases import Transaction

Step: TypeAlias = Callable[[int, int], None]
"""Told how many are done, and of how many."""


@dataclass(frozen=True)
class House:
    """A database on one snapshot; ``workspace`` has the profile that it adopted last.

    ``profiles`` are those that can be read, by the hash they are stored under, which all
    ``stored_profiles`` have; ``rows`` are the editions as they are stored.
    """

    workspace: Workspace
    connection: Transaction
    is_quick: bool
    profiles: Mapping[str, Profile]
    stored_profiles: frozenset[str]
    rows: Sequence[Any]

    @cached_property
    def editions(self) -> list[Edition]:
        """The editions by number, without what they say of uncorrected ones."""
        names = ("published_at_s", "effective_from_s", "is_correction", "reason", "actor")
        return [
            Edition(
                number=row.number,
                content_hash=row.content_hash,
                **{name: getattr(row, name) for name in names},
            )
            for row in self.rows
        ]

    @cached_property
    def layers_by_profile(self) -> Mapping[str, Layers]:
        """The layers of each profile by its hash."""
        return {key: layers_from_tables(each.layers) for key, each in self.profiles.items()}

    @cached_property
    def main_deadlines(self) -> frozenset[str | None]:
        """The deadlines that tell whether an issue is overdue: one in each profile there was.

        What an issue keeps is of the profile of its last change, which its events need not show.
        """
        return frozenset(each.deadlines.main for each in self.profiles.values())

    @cached_property
    def layers_by_edition(self) -> Mapping[int, Layers]:
        """The layers that an edition was published with; of a lost profile, today's."""
        today = self.workspace.layers
        return {
            row.number: self.layers_by_profile.get(row.profile_hash, today) for row in self.rows
        }

    @property
    def chosen_editions(self) -> Sequence[Edition]:
        """Those whose whole content is read: all, or quickly the one in force and pending ones."""
        if not self.is_quick:
            return self.editions
        now_s = self.workspace.now_s()
        governing = governing_edition(self.editions, IN_FORCE, now_s=now_s)
        return [
            each for each in self.editions if each is governing or each.effective_from_s > now_s
        ]


def read_profiles(connection: Transaction, report: CheckReport) -> dict[str, Profile]:
    """Return the profiles that this version can read, the one adopted last at the end.

    What stands under a hash may have another one today: a changed default gives it one.
    """
    found: dict[str, Profile] = {}
    for row in verification_rows.profile_rows(connection):
        report.cover(profiles=1)
        try:
            found[row.hash] = parse_profile(row.text, file=f"{row.name}.toml")
        except InvalidProfile as error:
            where = {"table": "profiles", "id": row.hash[:12]}
            report.add("bad_profile", where, reason=(error.text("zh"), error.text("en")))
    return found


def read_outline(content: bytes) -> shapely.Geometry | None:
    """Return what WKB holds; None where it cannot be read."""
    try:
        return shapely.from_wkb(content, on_invalid="ignore")
    except shapely.errors.GEOSException:  # cut short
        return None


def read_outlines(contents: Sequence[bytes]) -> Geometries:
    """Return what much WKB holds; None where it cannot be read."""
    outlines = np.empty(len(contents), dtype=object)
    outlines[:] = contents
    try:
        return np.asarray(shapely.from_wkb(outlines, on_invalid="ignore"), dtype=object)
    except shapely.errors.GEOSException:
        outlines[:] = [read_outline(content) for content in contents]
        return outlines

"""Who asks: every service method takes the caller first."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """A person or program with roles, and the part of the world it may see.

    ``scope`` names areas as (layer, code); empty means everything.
    """

    name: str
    roles: frozenset[str]
    scope: tuple[tuple[str, str], ...] = ()


LOCAL_ADMINISTRATOR = Caller("local-administrator", frozenset({"administrator"}))
"""The one caller until access control exists; only loopback can be it."""

SCHEDULE = Caller("schedule", frozenset({"worker"}))
"""Who does what is due by the clock: an edition taking effect."""

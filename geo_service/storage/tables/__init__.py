"""The tables, one definition for SQLite and PostgreSQL.

Times are whole seconds since 1970 UTC (``_at_s``, ``_from_s``): both databases compare them alike
and nothing depends on a session's time zone. What they are compared with is rounded before:
PostgreSQL would round it to the nearest second, SQLite not at all. Codes compare by Unicode code
point: SQLite's BINARY does so by itself, PostgreSQL needs COLLATE "C".
"""

from geo_service.storage.tables.attachments import attachments
from geo_service.storage.tables.base import CHUNK, Code, Key, metadata
from geo_service.storage.tables.boundaries import (
    agreements,
    areas,
    bounds_texts,
    editions,
    enclaves,
    figures,
    lineage,
    profiles,
    references,
)
from geo_service.storage.tables.decisions import decisions
from geo_service.storage.tables.drafts import (
    draft_areas,
    draft_figures,
    draft_operations,
    drafts,
)
from geo_service.storage.tables.handling import calendars, issue_standings
from geo_service.storage.tables.issues import (
    assignments,
    chain_areas,
    chains,
    idempotency_keys,
    issue_events,
    issue_texts,
    issues,
    relocations,
)
from geo_service.storage.tables.lists import list_import_rejections, list_imports
from geo_service.storage.tables.places import place_lists, place_matches, places
from geo_service.storage.tables.rates import (
    issue_credits,
    issue_measures,
    issue_spells,
    signed_sheets,
)
from geo_service.storage.tables.registers import activities, register_entries
from geo_service.storage.tables.webhooks import webhook_events, webhooks

__all__ = [
    "CHUNK",
    "Code",
    "Key",
    "activities",
    "agreements",
    "areas",
    "assignments",
    "attachments",
    "bounds_texts",
    "calendars",
    "chain_areas",
    "chains",
    "decisions",
    "draft_areas",
    "draft_figures",
    "draft_operations",
    "drafts",
    "editions",
    "enclaves",
    "figures",
    "idempotency_keys",
    "issue_credits",
    "issue_events",
    "issue_measures",
    "issue_spells",
    "issue_standings",
    "issue_texts",
    "issues",
    "lineage",
    "list_import_rejections",
    "list_imports",
    "metadata",
    "place_lists",
    "place_matches",
    "places",
    "profiles",
    "references",
    "register_entries",
    "relocations",
    "signed_sheets",
    "webhook_events",
    "webhooks",
]

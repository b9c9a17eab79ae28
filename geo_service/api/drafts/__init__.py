"""Drafts over HTTP: begun, changed by operations, looked at, checked and published."""

from geo_service.api.drafts import bounds_texts, divisions, figures, files, lists, proposals
from geo_service.api.drafts.routes import router

for _room in (bounds_texts, divisions, figures, files, lists, proposals):
    router.include_router(_room.router)

__all__ = ["router"]

"""Drafts over HTTP: begun, changed by operations, looked at, checked and published."""

from geo_service.api.drafts import bounds_texts, files, proposals
from geo_service.api.drafts.routes import router

router.include_router(bounds_texts.router)
router.include_router(files.router)
router.include_router(proposals.router)

__all__ = ["router"]

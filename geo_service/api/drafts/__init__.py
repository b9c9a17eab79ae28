"""Drafts over HTTP: begun, changed by operations, looked at, checked and published."""

from geo_service.api.drafts.routes import router

__all__ = ["router"]

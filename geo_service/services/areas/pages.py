"""The page of one area."""

from dataclasses import replace

from geo_service.maps.area_sheet.view import SheetLinks
from geo_service.maps.assets import Assets
from geo_service.services.areas.sheet import AreaSheetService, SheetQuery
from geo_service.services.callers import Caller
from geo_service.services.page_facts import PageFacts


class AreaPageService:
    """Pages of areas."""

    def __init__(self, sheets: AreaSheetService, facts: PageFacts) -> None:
        self._sheets = sheets
        self._facts = facts

    def page(self, caller: Caller, query: SheetQuery, *, links: SheetLinks) -> str:
        """Return the page of an area as HTML; raises as ``AreaSheetService.sheet``."""
        from geo_service.maps.area_sheet.page import render_area_sheet  # folium is slow

        view = replace(self._sheets.sheet(caller, query), links=links)
        return render_area_sheet(view, assets=Assets(self._facts.static_folder))

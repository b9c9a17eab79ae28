"""The sheet of a handover: as a page, and as a file that needs nothing else."""

from pathlib import Path

from geo_service.layers.files import writing_aside
from geo_service.maps.assets import Assets
from geo_service.services.callers import Caller
from geo_service.services.handover.handover import HandoverQuery, HandoverService
from geo_service.services.page_facts import PageFacts


class HandoverPageService:
    """Sheets for whoever goes off duty and whoever comes on."""

    def __init__(self, handovers: HandoverService, facts: PageFacts) -> None:
        self._handovers = handovers
        self._facts = facts

    def page(self, caller: Caller, query: HandoverQuery) -> str:
        """Return the sheet as HTML; raises as ``HandoverService.handover``."""
        return self._render(caller, query, is_standalone=False)

    def draw(self, caller: Caller, query: HandoverQuery, path: Path) -> None:
        """Write the sheet as one file that opens from a USB stick; raises as ``page``."""
        html = self._render(caller, query, is_standalone=True)
        with writing_aside(path) as aside:
            aside.write_text(html, encoding="utf-8")

    def _render(self, caller: Caller, query: HandoverQuery, *, is_standalone: bool) -> str:
        from geo_service.maps.handover.page import render_handover  # jinja2 loads when asked for

        view = self._handovers.handover(caller, query)
        assets = Assets(self._facts.static_folder)
        return render_handover(view, assets=assets, is_standalone=is_standalone)

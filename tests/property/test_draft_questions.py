"""What drafts ask, step by step, is what a fresh look at them asks, whatever planners do."""

from pathlib import Path

import numpy as np
import shapely
from hypothesis import settings
from hypothesis.stateful import invariant

from geo_service.layers.topology.defect import QUESTIONS
from geo_service.services.addresses.lists import PlaceFileOptions
from geo_service.services.building_lists.knowledge import BuildingKnowledge
from geo_service.services.drafts.kept.draft_states import DraftStates
from tests.examples import examples
from tests.houses import CALLER, SOUTH, STEP, STREET_LAYERS, WEST, grid_code
from tests.property.test_drafts import Drafting


class DraftingAmongHouses(Drafting):
    """The same where houses stand, some listed elsewhere, and grids have a usual size."""

    profile = STREET_LAYERS + "usual_area_m2 = [7000, 13000]\n"

    def furnish(self):
        """Put 24 houses into the street, every third listed in the wrong grid."""
        random = np.random.default_rng(5)
        corners = random.uniform((0, 0), (3.9, 1.9), (24, 2)) * STEP + (WEST, SOUTH)
        shapes = shapely.box(*corners.T, *(corners + STEP / 8).T)
        self.house.figures.replace_references(
            CALLER, "building", names=[""] * len(shapes), geometries=shapes
        )
        codes = [grid_code(column, row) for row in range(2) for column in range(4)]
        lines = ["地址,经度,纬度,网格编码"]
        for i, (lon, lat) in enumerate((corners + STEP / 16).tolist()):
            cell = int((lat - SOUTH) / STEP) * 4 + int((lon - WEST) / STEP)
            code = codes[i % 8] if i % 3 == 0 else grid_code(cell % 4, cell // 4)
            lines.append(f"桂香路{i + 1}号,{lon!r},{lat!r},{code}")
        path = Path(self.folder.name) / "list.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.house.place_lists.import_file(CALLER, path, PlaceFileOptions(frame="EPSG:4490"))

    @invariant()
    def what_is_asked_is_what_a_fresh_look_asks(self):
        for draft in getattr(self, "ways", {}):
            step = self.house.drafts.state(CALLER, draft)
            workspace = self.house.workspace
            with workspace.database.read() as connection:
                fresh = DraftStates(workspace, BuildingKnowledge(workspace))
                state = fresh.of(connection, step.draft)
            assert asked(step.state) == asked(state)


def asked(state):
    """Return what a state asks, whatever corner its outlines begin at."""
    return [
        (
            each.kind,
            each.layer,
            each.codes,
            each.buildings,
            each.amount and round(each.amount, 3),
            tuple(round(share, 6) for share in each.shares),
        )
        for each in state.findings
        if each.kind in QUESTIONS
    ]


TestDraftingAmongHouses = DraftingAmongHouses.TestCase
TestDraftingAmongHouses.settings = settings(max_examples=examples(8), stateful_step_count=20)

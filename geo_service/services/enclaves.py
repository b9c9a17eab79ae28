"""Enclaves: ground that root layers leave out on purpose, declared, listed, withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.errors import EnclaveNotFound, InvalidValue, NoHoleThere
from geo_service.governance.personal import kept_text
from geo_service.layers.arcs.arc import Place
from geo_service.layers.area import Boundaries
from geo_service.layers.layer import Enclave
from geo_service.services.callers import Caller
from geo_service.services.drafts.draft import read_draft
from geo_service.services.drafts.kept.draft_states import DraftStates
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions, enclaves
from geo_service.storage.databases import Transaction

_CORNERS = 3
LONGEST_WORDING = 500


@dataclass(frozen=True)
class EnclaveAsked:
    """Ground that shall be an enclave: an outline around it, or a place in the hole that it is.

    The hole is one of the draft, or without one of the edition in force. Places are EPSG:4490.
    """

    layer: str
    wording: str
    outline: Sequence[Place] = ()
    place: Place | None = None
    draft: int | None = None


class EnclaveService:
    """What root layers leave out on purpose, in one house."""

    def __init__(self, workspace: Workspace, states: DraftStates) -> None:
        self._workspace, self._states = workspace, states

    def enclaves(self, _caller: Caller) -> list[Enclave]:
        """Return every enclave ever declared, those that were withdrawn too."""
        with self._workspace.database.read() as connection:
            return enclaves.all_enclaves(connection)

    def declare(self, caller: Caller, asked: EnclaveAsked) -> tuple[Enclave, bool]:
        """Declare an enclave; return it, and whether it is new.

        From then on a hole of the layer that lies inside it, its edge included, is no defect: not
        in imports, not in drafts, not in what is published or taken back. It changes no area.

        Raises
        ------
        UnknownLayer, InvalidValue, RefusedValue
            The layer is no ground, or the one above it has areas, the outline is none, or the
            wording says nothing or holds somebody's number.
        NoHoleThere, DraftNotFound, EditionNotFound
            There is no hole at the place, no such draft, or no edition in force.
        """
        wording = kept_text("wording", asked.wording, longest=LONGEST_WORDING)
        if not wording:
            raise InvalidValue("wording", "说明这是什么地", "what ground it is")
        with self._workspace.database.read() as connection:
            self._refuse_layer(connection, asked.layer)
            outline = self._outline(connection, asked)
        with self._workspace.database.write() as connection:
            for each in self._workspace.enclaves(connection):
                if each.layer == asked.layer and each.outline.equals(outline):
                    return each, False
            found = Enclave(
                0, asked.layer, outline, wording, int(self._workspace.now_s()), caller.name
            )
            number = enclaves.add_enclave(connection, found)
        return Enclave(**{**vars(found), "id": number}), True

    def withdraw(self, caller: Caller, number: int) -> Enclave:
        """Declare that an enclave is one no more; the next publication has to fill the hole.

        One that was withdrawn already is answered as it is. Raises EnclaveNotFound.
        """
        with self._workspace.database.write() as connection:
            found = {each.id: each for each in enclaves.all_enclaves(connection)}.get(number)
            if found is None:
                raise EnclaveNotFound(id=number)
            if found.withdrawn_at_s is not None:
                return found
            now_s = int(self._workspace.now_s())
            enclaves.withdraw(connection, number, at_s=now_s, actor=caller.name)
        return Enclave(**{**vars(found), "withdrawn_at_s": now_s})

    def _refuse_layer(self, connection: Transaction, name: str) -> None:
        """Refuse layers that have no holes: a layer is a root while the one above has no areas."""
        layer = self._workspace.layers[name]
        present = editions.layers_in(connection, editions.latest_number(connection))
        if layer.is_overlay or layer.geometry != "polygon" or layer.parent in present:
            raise InvalidValue(
                "layer",
                "上面没有区域的面图层，即最上一级",
                "a layer of ground with no areas above it, a root layer",
            )

    def _outline(self, connection: Transaction, asked: EnclaveAsked) -> shapely.Polygon:
        if (asked.place is None) == (len(asked.outline) < _CORNERS):
            raise InvalidValue(
                "outline",
                "一个围住它的多边形（至少三个点），或者 place：空洞里的一个位置",
                "a polygon around it (three places at least), or place: a place in the hole",
            )
        if asked.place is not None:
            return _hole_at(self._content(connection, asked.draft), asked.layer, asked.place)
        outline = shapely.Polygon(np.array(asked.outline, dtype=np.float64))
        if not outline.is_valid or outline.area <= 0:
            raise InvalidValue("outline", "不自交的多边形", "a polygon that does not cross itself")
        return outline

    def _content(self, connection: Transaction, draft_id: int | None) -> Boundaries:
        if draft_id is None:
            return editions.read_boundaries(connection, self._workspace.edition(connection).number)
        draft = read_draft(connection, draft_id)
        return self._states.of(connection, draft).boundaries({})


def _hole_at(content: Boundaries, layer: str, place: Place) -> shapely.Polygon:
    """Return the hole of the union of a layer that a place lies in."""
    if layer in content:
        whole = shapely.coverage_union_all(content[layer].geometries)
        rings = [ring for part in shapely.get_parts(whole) for ring in part.interiors]
        for hole in map(shapely.Polygon, rings):
            if shapely.intersects_xy(hole, *place) and not shapely.intersects_xy(whole, *place):
                return hole
    raise NoHoleThere(layer=layer, lon=place[0], lat=place[1])

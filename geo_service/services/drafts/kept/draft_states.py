"""The states of drafts: kept in memory, and made from what is stored where they are not."""

from collections.abc import Iterable, Mapping

from geo_service.layers.arcs import AreaKey, extract
from geo_service.layers.area import Boundaries
from geo_service.layers.redraw import Asking, review
from geo_service.services.building_lists.knowledge import BuildingKnowledge
from geo_service.services.drafts.draft import Draft
from geo_service.services.drafts.kept.kept_states import KeptStates
from geo_service.services.drafts.kept.states import DraftGround, DraftState
from geo_service.services.kept import Kept, made_apart
from geo_service.services.workspaces import Workspace
from geo_service.storage import drafts, editions
from geo_service.storage.databases import Transaction

_ASKINGS = 4


class DraftStates:
    """The states of all drafts that somebody looked at of late."""

    def __init__(self, workspace: Workspace, buildings: BuildingKnowledge) -> None:
        self._workspace, self._buildings = workspace, buildings
        self._kept = KeptStates()
        self._asking: Kept[Asking] = Kept(_ASKINGS)

    def of(self, connection: Transaction, draft: Draft) -> DraftState:
        """Return how a draft looks now, never computing an operation again.

        Where codes were given, or other buildings or lists stored since, it learns of them.
        """
        asking = self.asking(connection, draft.row.base_edition)
        newest, key = editions.latest_number(connection), _key(draft)
        kept = self._kept.get(key, lambda: made_apart(lambda: self._made(connection, draft)))
        state = kept
        if state.newest != newest:
            state = state.knowing(drafts.codes_ever(connection, draft.done), newest)
        if not state.rests_on(asking):
            touched = drafts.touched_of(connection, draft.done)
            state = state.asking(asking, [AreaKey(*each) for each in touched])
        if state is not kept:
            self._kept.put(key, state)
        return state

    def asking(self, connection: Transaction, edition: int) -> Asking:
        """Return what the questions of drafts on an edition rest on, the same while nothing is new.

        Sizes that need figures are left to whoever reads those.
        """
        known = self._buildings.get(connection, edition)
        enclaves = tuple(self._workspace.enclaves(connection))
        return self._asking.get(
            (known, *(each.id for each in enclaves)),
            lambda: Asking(self._usual(), known, enclaves),
        )

    def _usual(self) -> dict[str, Mapping[str, tuple[float, float]]]:
        profile = self._workspace.profile
        return {layer.name: profile.usual_sizes(layer.name) for layer in self._workspace.layers}

    def keep(self, draft: Draft, state: DraftState) -> None:
        """Remember the state that the last of some operations led to."""
        self._kept.put(_key(draft), state)

    def _made(self, connection: Transaction, draft: Draft) -> DraftState:
        content = editions.read_content(connection, draft.row.base_edition)
        own, ended = drafts.resulting_areas(connection, draft.done)
        for key in ended:
            content.pop(key, None)
        boundaries = editions.boundaries_of({**content, **own})
        newest = editions.latest_number(connection)
        return self.state_of(boundaries, drafts.codes_ever(connection, draft.done), newest)

    def state_of(
        self, boundaries: Boundaries, codes_ever: Iterable[tuple[str, str]], newest: int
    ) -> DraftState:
        """Return the state of a clean content; codes given up to an edition are not given again.

        Nothing is asked yet.
        """
        present = {(layer, code) for layer, areas in boundaries.items() for code in areas.codes}
        retired = [AreaKey(*key) for key in set(codes_ever) - present]
        coverages = extract(boundaries, self._workspace.layers, retired=retired)
        ground = DraftGround(len(present))
        return DraftState(tuple(coverages), tuple(map(review, coverages)), ground, newest)


def _key(draft: Draft) -> tuple[int, int]:
    return (draft.row.base_edition, draft.done[-1] if draft.done else 0)

"""How many states of drafts are kept: by the ground that they do not share."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from geo_service.services.drafts.kept.states import DraftState

MOST_STATES = 24
"""So many steps are kept: what one changed is small beside the city that they share."""
MOST_AREAS = 45_000
"""The states of one draft share its areas: 20,000 grids take 0.5 GB, 23 steps more 1 MB."""


class KeptStates:
    """The states that were asked for last, as long as there is room; any thread may ask.

    Where the areas under all of them come to more than MOST_AREAS, those on the ground that was
    asked for longest ago go together; what is on the same ground as the newest one stays.
    """

    def __init__(self) -> None:
        self._states: OrderedDict[Hashable, DraftState] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], DraftState]) -> DraftState:
        """Return the state kept under a key, made now where there is none."""
        with self._lock:
            if key in self._states:
                self._states.move_to_end(key)
                return self._states[key]
        state = make()
        self.put(key, state)
        return state

    def put(self, key: Hashable, state: DraftState) -> None:
        """Keep a state under a key in the place of the one before."""
        with self._lock:
            self._states[key] = state
            self._states.move_to_end(key)
            self._make_room()

    def _make_room(self) -> None:
        while len(self._states) > MOST_STATES:
            self._states.popitem(last=False)
        # the ground of the newest state first
        grounds = list(dict.fromkeys(state.ground for state in reversed(self._states.values())))
        room = MOST_AREAS - grounds[0].areas
        for ground in grounds[1:]:
            room -= ground.areas
            if room < 0:
                for key in [key for key, state in self._states.items() if state.ground is ground]:
                    del self._states[key]

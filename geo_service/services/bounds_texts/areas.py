"""四至 of areas as they are published: read, written anew, given back to the generator."""

import shapely

from geo_service.errors import AreaNotFound, StaleBoundsText
from geo_service.layers.area import Boundaries
from geo_service.layers.edition import IN_FORCE, EditionChoice
from geo_service.services.areas.ground import KnownSurroundings
from geo_service.services.bounds_texts.neighborhood import Neighborhood
from geo_service.services.bounds_texts.told import (
    AreaBoundsText,
    BoundsText,
    WrittenTexts,
    refuse_line,
)
from geo_service.services.callers import Caller
from geo_service.services.impact.redrawing import Redrawing
from geo_service.services.workspaces import Workspace
from geo_service.storage import bounds_texts, editions
from geo_service.storage.databases import Transaction

_NOTHING: Boundaries = {}


class BoundsTextService:
    """四至 of areas in editions; writing one makes no edition."""

    def __init__(self, workspace: Workspace, surroundings: KnownSurroundings) -> None:
        self._workspace, self._surroundings = workspace, surroundings

    def told(
        self, _caller: Caller, layer: str, code: str, choice: EditionChoice = IN_FORCE
    ) -> AreaBoundsText:
        """Return the 四至 of an area as of a moment, as they were known at another.

        Raises
        ------
        UnknownLayer, AreaNotFound, EditionNotFound
            There is no such layer, no such area in that edition, or no edition.
        InvalidValue
            A layer of lines.
        """
        with self._workspace.database.read() as connection:
            written = self._written(connection, layer, code, choice)
            near = Neighborhood(
                self._workspace,
                connection,
                written.edition,
                Redrawing(_NOTHING, _NOTHING),
                written.box,
            )
            around = self._surroundings.read(connection)
            return AreaBoundsText(written, near.sides(layer)[0].generated(code, around))

    def write(
        self, caller: Caller, layer: str, code: str, text: BoundsText, *, seen: str | None = None
    ) -> AreaBoundsText:
        """Put a text before the generated one, for the ground that the area has now.

        ``seen`` is the version that the planner looked at.

        Raises
        ------
        UnknownLayer, AreaNotFound, EditionNotFound, InvalidValue, RefusedValue
            As `told` raises, or the text cannot be kept.
        StaleBoundsText
            The text or the edition in force is another one since ``seen``; nothing was written.
        """
        return self._put(caller, layer, code, text.checked(), seen)

    def reset(
        self, caller: Caller, layer: str, code: str, *, seen: str | None = None
    ) -> AreaBoundsText:
        """Let the generated text stand again; raises as `write`."""
        return self._put(caller, layer, code, None, seen)

    def _put(
        self, caller: Caller, layer: str, code: str, text: BoundsText | None, seen: str | None
    ) -> AreaBoundsText:
        with self._workspace.database.write() as connection:
            now = self._written(connection, layer, code, IN_FORCE)
            if seen is not None and seen != now.version:
                raise StaleBoundsText(layer=layer, code=code)
            if now.is_other(text):
                row = now.row(text, caller, int(self._workspace.now_s()))
                bounds_texts.add_text(connection, row)
        return self.told(caller, layer, code)

    def _written(
        self, connection: Transaction, layer: str, code: str, choice: EditionChoice
    ) -> WrittenTexts:
        refuse_line(self._workspace.layers[layer])
        edition = self._workspace.edition(connection, choice)
        row = editions.content_at(connection, edition.number, [(layer, code)]).get((layer, code))
        if row is None:
            raise AreaNotFound(layer=layer, code=code, edition=edition.number)
        known_at_s = choice.known_at_s
        rows = bounds_texts.published_texts(connection, layer, [code], known_at_s=known_at_s)
        return WrittenTexts(
            layer=layer,
            code=code,
            edition=edition.number,
            outline=shapely.from_wkb(row.outline),
            rows=rows,
            version=f"{edition.number}-{rows[-1].id if rows else 0}",
        )

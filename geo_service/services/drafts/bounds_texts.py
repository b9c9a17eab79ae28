"""四至 of areas that a draft changes: written before it is published, carried to its edition."""

from dataclasses import dataclass

import shapely

from geo_service.errors import AreaNotRedrawn, UnknownArea
from geo_service.layers.edition import Edition
from geo_service.services.areas.ground import KnownSurroundings
from geo_service.services.bounds_texts.neighborhood import Neighborhood
from geo_service.services.bounds_texts.standing import Texts, of_ground, with_ground_of
from geo_service.services.bounds_texts.told import (
    AreaBoundsText,
    BoundsText,
    WrittenTexts,
    refuse_line,
)
from geo_service.services.callers import Caller
from geo_service.services.drafts.draft import (
    Draft,
    changes_of,
    open_draft,
    read_draft,
    refuse_changed_at,
)
from geo_service.services.impact.redrawing import Redrawing, redrawing_of
from geo_service.services.workspaces import Workspace
from geo_service.storage import bounds_texts, drafts, editions
from geo_service.storage.bounds_texts import BoundsTextRow
from geo_service.storage.databases import Transaction
from geo_service.storage.editions import AreaKey


@dataclass(frozen=True, eq=False)
class DraftBoundsText:
    """四至 of an area as a draft has it; ``is_redrawn`` where they may be written in the draft."""

    draft: Draft
    bounds: AreaBoundsText
    is_redrawn: bool


class DraftBoundsTextService:
    """四至 within drafts."""

    def __init__(self, workspace: Workspace, surroundings: KnownSurroundings) -> None:
        self._workspace, self._surroundings = workspace, surroundings

    def told(self, _caller: Caller, draft_id: int, key: AreaKey) -> DraftBoundsText:
        """Return the 四至 of an area as it is in a draft.

        Raises
        ------
        DraftNotFound, UnknownLayer, UnknownArea
            There is no such draft, no such layer, or no such area in the draft.
        InvalidValue
            A layer of lines.
        """
        with self._workspace.database.read() as connection:
            draft = read_draft(connection, draft_id)
            areas = redrawing_of(*changes_of(connection, draft))
            written = self._written(connection, draft, areas, key)
            base, box = draft.row.base_edition, written.box
            near = Neighborhood(self._workspace, connection, base, areas, box)
            around = self._surroundings.read(connection)
            generated = near.sides(key[0])[1].generated(key[1], around)
        bounds = AreaBoundsText(written, generated)
        return DraftBoundsText(draft, bounds, key[1] in areas.told_codes(key[0]))

    def texts(self, _caller: Caller, draft_id: int) -> list[WrittenTexts]:
        """Return what is written of each area that the draft changes; raises DraftNotFound."""
        with self._workspace.database.read() as connection:
            draft = read_draft(connection, draft_id)
            areas = redrawing_of(*changes_of(connection, draft))
            return [
                self._written(connection, draft, areas, (layer.name, code))
                for layer in self._workspace.layers
                if layer.geometry != "line" and layer.name in areas.after
                for code in areas.told_codes(layer.name)
                if code in areas.after[layer.name].position_by_code
            ]

    def write(
        self,
        caller: Caller,
        draft_id: int,
        key: AreaKey,
        text: BoundsText,
        *,
        seen: int | None = None,
    ) -> DraftBoundsText:
        """Put a text before the generated one, for the ground that the area has in the draft.

        ``seen`` is the revision that the planner looked at.

        Raises
        ------
        DraftNotFound, DraftClosed, UnknownLayer, UnknownArea, InvalidValue, RefusedValue
            As `told` raises, the draft is not changed any more, or the text cannot be kept.
        AreaNotRedrawn
            The draft leaves the area as it is.
        StaleDraft
            Somebody changed the area or its text since ``seen``; nothing was written.
        """
        return self._put(caller, draft_id, key, text.checked(), seen)

    def reset(
        self, caller: Caller, draft_id: int, key: AreaKey, *, seen: int | None = None
    ) -> DraftBoundsText:
        """Let the generated text stand again; raises as `write`."""
        return self._put(caller, draft_id, key, None, seen)

    def _put(
        self, caller: Caller, draft_id: int, key: AreaKey, text: BoundsText | None, seen: int | None
    ) -> DraftBoundsText:
        with self._workspace.database.write() as connection:
            draft = open_draft(connection, draft_id)
            areas = redrawing_of(*changes_of(connection, draft))
            now = self._written(connection, draft, areas, key)
            if key[1] not in areas.told_codes(key[0]):
                raise AreaNotRedrawn(id=draft_id, layer=key[0], code=key[1])
            refuse_changed_at(
                connection, draft, key, seen, written=[row.revision for row in now.rows]
            )
            if now.is_other(text):
                now_s = int(self._workspace.now_s())
                told = now.row(text, caller, now_s)
                revision = draft.row.revision + 1
                row = told._replace(
                    draft_id=draft_id, revision=revision, edition=None, known_from_s=None
                )
                bounds_texts.add_text(connection, row)
                drafts.change_draft(connection, draft_id, now_s=now_s)
        return self.told(caller, draft_id, key)

    def _written(
        self, connection: Transaction, draft: Draft, areas: Redrawing, key: AreaKey
    ) -> WrittenTexts:
        layer, code = key
        refuse_line(self._workspace.layers[layer])
        outline = _outline(connection, draft, areas, key)
        rows = bounds_texts.published_texts(connection, layer, [code])
        if draft.row.edition is None and code in areas.told_codes(layer):
            told = Texts(bounds_texts.texts_of_draft(connection, draft.id))
            rows += told.of_layer(layer, [code])
            if code in areas.differences[layer].added:
                rows = with_ground_of(rows, _gone(connection, told, areas, layer), outline)
        return WrittenTexts(
            layer=layer,
            code=code,
            edition=draft.row.base_edition,
            outline=outline,
            rows=rows,
            version=str(draft.row.revision),
        )


def carry_texts(connection: Transaction, draft: Draft, edition: Edition) -> None:
    """Give an edition what was written in its draft for the areas as they were published."""
    rows = bounds_texts.texts_of_draft(connection, draft.id)
    if not rows:
        return
    areas, texts = redrawing_of(*changes_of(connection, draft)), Texts(rows)
    for layer in dict.fromkeys(row.layer for row in rows):
        gone = texts.of_layer(layer, _codes_gone(texts, areas, layer))
        for code in areas.told_codes(layer):
            outline = _after(areas, (layer, code))
            if outline is None:
                continue
            own = with_ground_of(texts.of_layer(layer, [code]), gone, outline)
            said = of_ground(own, outline)
            if said:
                told = said[-1]._replace(
                    code=code,
                    revision=None,
                    edition=edition.number,
                    known_from_s=edition.published_at_s,
                )
                bounds_texts.add_text(connection, told)


def _gone(
    connection: Transaction, drafted: Texts, areas: Redrawing, layer: str
) -> list[BoundsTextRow]:
    """Return what was written of areas of a layer that a draft ends, or that it had before."""
    difference = areas.differences.get(layer)
    ended = difference.removed if difference else []
    published = bounds_texts.published_texts(connection, layer, ended)
    return [*published, *drafted.of_layer(layer, _codes_gone(drafted, areas, layer))]


def _codes_gone(texts: Texts, areas: Redrawing, layer: str) -> list[str]:
    """Return the codes with texts that no area has any more which the draft changes."""
    return [
        code
        for name, code in texts.by_area
        if name == layer and _after(areas, (name, code)) is None
    ]


def _outline(
    connection: Transaction, draft: Draft, areas: Redrawing, key: AreaKey
) -> shapely.Geometry:
    found = _after(areas, key)
    if found is None and key not in areas.keys:
        row = editions.content_at(connection, draft.row.base_edition, [key]).get(key)
        found = None if row is None else shapely.from_wkb(row.outline)
    if found is None:
        raise UnknownArea(layer=key[0], code=key[1])
    return found


def _after(areas: Redrawing, key: AreaKey) -> shapely.Geometry | None:
    layer, code = key
    at = areas.after[layer].position_by_code.get(code) if layer in areas.after else None
    return None if at is None else areas.after[layer].geometries[at]

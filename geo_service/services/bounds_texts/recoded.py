"""四至 of areas that another edition gives another code: the ground is the same, so is the text."""

from collections.abc import Iterable

import shapely

from geo_service.layers.edition import Edition
from geo_service.layers.lineage import LineageRow
from geo_service.services.bounds_texts.standing import Texts, of_ground
from geo_service.storage import bounds_texts, editions
from geo_service.storage.databases import Transaction


def carry_recoded(connection: Transaction, edition: Edition, lineage: Iterable[LineageRow]) -> None:
    """Give what people wrote of areas to those that have their ground, to the bit, by another code.

    ``lineage`` is that of the edition, which was just stored. What stands already is not written
    again; a text that was taken back is taken back of the other code, too.
    """
    former = {
        (row.layer, row.new_code): row.old_code
        for row in lineage
        if row.kind == "recoded" and row.new_code is not None and row.old_code is not None
    }
    codes: dict[str, list[str]] = {}
    for (layer, new), old in former.items():
        codes.setdefault(layer, []).extend([new, old])
    known = Texts(
        row
        for layer, own in codes.items()
        for row in bounds_texts.published_texts(connection, layer, own)
    )
    keys = [key for key, old in former.items() if (key[0], old) in known.by_area]
    for key, row in editions.content_at(connection, edition.number, keys).items():
        outline = shapely.from_wkb(row.outline)
        own, others = (
            of_ground(known.by_area.get((key[0], code), ()), outline)
            for code in (key[1], former[key])
        )
        stands = (own[-1].zh, own[-1].en) if own else (None, None)
        if others and (others[-1].zh, others[-1].en) != stands:
            told = others[-1]._replace(
                code=key[1],
                outline=row.outline,
                draft_id=None,
                revision=None,
                edition=edition.number,
                known_from_s=edition.published_at_s,
            )
            bounds_texts.add_text(connection, told)

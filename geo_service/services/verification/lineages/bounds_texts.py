"""四至 that people wrote: each for the ground that its area has in the edition, or for a draft."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import shapely

from geo_service.services.bounds_texts.standing import of_ground
from geo_service.services.verification.findings import CheckReport, Words
from geo_service.services.verification.houses import House, read_outline
from geo_service.storage import bounds_texts, editions
from geo_service.storage.bounds_texts import BoundsTextRow


def check_bounds_texts(house: House, report: CheckReport) -> None:
    """Check every text; those of drafts may be for ground that no edition ever had."""
    sound = []
    for row in bounds_texts.all_texts(house.connection):
        report.cover(rows=1)
        reason = _reason(row)
        if reason is None:
            sound.append(row)
        else:
            report.add("bounds_text_row", _where(row), reason=reason)
    for row in _elsewhere(house, sound):
        report.add("bounds_text_ground", _where(row), number=row.edition)


def _reason(row: BoundsTextRow) -> Words | None:
    if read_outline(row.outline) is None:
        return "轮廓读不出", "its outline cannot be read"
    if row.en and not row.zh:
        return "只有英文", "in English alone"
    if (row.edition is None) != (row.known_from_s is None):
        return "版本与知悉时间不相配", "an edition without a moment, or a moment without"
    if row.edition is None and (row.draft_id is None or row.revision is None):
        return "既不属于版本也不属于草案", "of no edition and of no draft"
    return None


def _elsewhere(house: House, rows: Sequence[BoundsTextRow]) -> Iterator[BoundsTextRow]:
    """Yield the texts for ground that their area has not in the edition."""
    published = sorted((row for row in rows if row.edition), key=lambda row: (row.edition, row.id))
    for number, group in groupby(published, lambda row: row.edition or 0):
        texts = list(group)
        keys = {(row.layer, row.code) for row in texts}
        content = editions.content_at(house.connection, number, keys)
        for row in texts:
            found = content.get((row.layer, row.code))
            if found is None or not of_ground([row], shapely.from_wkb(found.outline)):
                yield row


def _where(row: BoundsTextRow) -> dict[str, str | int]:
    return {"table": "bounds_texts", "id": row.id, "layer": row.layer, "code": row.code}

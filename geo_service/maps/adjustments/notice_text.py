"""The words of a sheet to be posted."""

from geo_service.maps.adjustments.text import count, days, moved, number, reasons, shares
from geo_service.maps.adjustments.view import AreaChange, ChangeSide, HouseLine, Notice, PackPeriod
from geo_service.maps.wording import Words

MOST_REASON = 300
"""Characters of a reason that are posted; the table has all of it."""

_BODIES = 6


def facts_text(notice: Notice, period: PackPeriod, w: Words) -> list[tuple[str, str]]:
    """Return what is told of the area, title and text; an empty text is room to write it in."""
    change, after = notice.change, notice.side
    before = change.sides[0] if change is not None else after
    told = [(w["adj_kind"], w["sheet_comma"].join(change.kinds) if change else w["adj_same"])]
    told += [] if change is None else _changed(change, w)
    told += [
        (w["adj_size"], _size(before, after, w)),
        (w["adj_people"], _people(before, after, w)),
        (w["adj_bounds"], notice.bounds),
    ]
    if change is not None:
        told += [
            (w["adj_effective"], days(change.editions or [period.after], w)),
            (w["adj_reason"], _cut(reasons(change.editions, w), w)),
        ]
    return [*told, (w["adj_contact"], notice.contact)]


def bodies_text(notice: Notice) -> list[tuple[str, str, str, str]]:
    """Return the rows of who answers for it: level with area, body, post, duty phone."""
    return [
        (f"{each.level} {each.area}", each.name, each.post or "—", each.duty_phone or "—")
        for each in notice.bodies[:_BODIES]
    ]


def house_texts(notice: Notice, w: Words) -> list[str]:
    """Return the buildings that have a name, as they are listed."""
    return [_house(each, w) for each in notice.houses]


def houses_heading(notice: Notice, w: Words) -> str:
    """Return how many buildings there are, and how many of them nobody named."""
    total = len(notice.houses) + notice.unnamed
    key = "adj_houses_unnamed" if notice.unnamed else "adj_houses"
    return w[key].format(n=total, unnamed=notice.unnamed)


def _changed(change: AreaChange, w: Words) -> list[tuple[str, str]]:
    old, new = change.sides
    told = []
    if old is None and change.origins:
        told.append((w["adj_names"], w["sheet_comma"].join(change.names[0])))
    elif old is not None and new is not None and old.name != new.name:
        told.append((w["adj_names"], old.name))
    if old is not None and new is not None and old.parent != new.parent:
        told.append((w["adj_old_parent"], old.parent_name or old.parent))
    others = [each for each in change.origins if each.code != change.code]
    if others:
        told.append((w["adj_origins"], shares(change.origins, w, with_names=True)))
    given = [each for each in change.heirs if each.code != change.code]
    if given:
        told.append((w["adj_heirs"], shares(given, w, with_names=True)))
    return told


def _size(before: ChangeSide | None, after: ChangeSide, w: Words) -> str:
    texts = [
        w["adj_m2"].format(m2=number(each.area_m2)) for each in (before, after) if each is not None
    ]
    return moved(texts[0], texts[-1], w)


def _people(before: ChangeSide | None, after: ChangeSide, w: Words) -> str:
    old = before or after
    return w["adj_people_text"].format(
        households=moved(count(old.households, w), count(after.households, w), w),
        residents=moved(count(old.residents, w), count(after.residents, w), w),
    )


def _cut(text: str, w: Words) -> str:
    return text if len(text) <= MOST_REASON else text[:MOST_REASON] + w["adj_whole_reason"]


def _house(each: HouseLine, w: Words) -> str:
    text = each.name
    if each.households is not None:
        text = w["adj_house_households"].format(name=text, n=each.households)
    return w["adj_house_from"].format(name=text, area=each.came_from) if each.came_from else text

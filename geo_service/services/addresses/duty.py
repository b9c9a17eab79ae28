"""Whom to call about an area: the lowest body above a place that has a duty phone."""

from collections.abc import Mapping, Sequence

from geo_service.governance.organisations.register import Entry
from geo_service.layers.locator import ChainLink
from geo_service.services.coverage.picture import Picture
from geo_service.services.kept import Kept

_TOLD = ("post", "duty_phone")


class DutyBook:
    """The bodies with a duty phone, by the area that they stand for."""

    def __init__(self, picture: Picture) -> None:
        """Take the registers of a moment."""
        self._bodies: dict[tuple[str, str], Mapping[str, str]] = {}
        for layer in picture.locator.layers:
            if not layer.is_overlay:
                self._add(picture, layer.name)

    def of_chain(self, chain: Sequence[ChainLink]) -> Mapping[str, str] | None:
        """Return the body of the lowest area of a chain, the root first, that has one."""
        for link in reversed(chain):
            found = self._bodies.get((link.layer, link.code or ""))
            if found is not None:
                return found
        return None

    def _add(self, picture: Picture, layer: str) -> None:
        """Note for each area the body that counts for its layer, else the first by code."""
        codes = picture.locator.areas(layer).codes
        kinds = frozenset(picture.rules.bodies.get(layer, ()))
        organisations, areas = picture.placed_organisations.pairs(layer)
        pairs = [
            (picture.organisations[i], codes[area])
            for i, area in zip(organisations.tolist(), areas.tolist(), strict=True)
        ]
        for entry, code in sorted(
            pairs, key=lambda each: (each[0].kind not in kinds, each[0].code)
        ):
            if entry.details.get("duty_phone"):
                self._bodies.setdefault((layer, code), _told(entry, layer, code))


class DutyBooks:
    """Made once for each picture of the registers."""

    def __init__(self) -> None:
        self._kept: Kept[DutyBook] = Kept(2)

    def get(self, picture: Picture) -> DutyBook:
        """Return the duty book of a picture."""
        return self._kept.get(picture, lambda: DutyBook(picture))


def body_of_facility(entry: Entry) -> Mapping[str, str] | None:
    """Return a site itself where it has a duty phone."""
    return _told(entry, "facility", entry.code) if entry.details.get("duty_phone") else None


def _told(entry: Entry, layer: str, area: str) -> dict[str, str]:
    told = {name: str(entry.details.get(name) or "") for name in _TOLD}
    return {"code": entry.code, "name": entry.name, "layer": layer, "area": area, **told}

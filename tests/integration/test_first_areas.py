"""A house begins with streets from a file; what lies below them is drawn."""

import shapely

from geo_service.layers.arcs import AreaKey
from geo_service.layers.redraw.asked.operation import Add, Split
from geo_service.services.drafts.publishing import PublicationAsked
from geo_service.storage import editions
from tests.drafting import at, begin, grid, stored
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    Clock,
    open_house,
    publish_areas,
    street_boundaries,
)

APPROVED = PublicationAsked(
    "划分社区", approval={"authority": "区政府", "document": "1号", "date": "2026-11-20"}
)


def test_the_first_areas_of_a_layer_are_drawn_in_a_draft_too(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    street = {name: street_boundaries()[name] for name in ("district", "street")}
    publish_areas(house, street, on=0, effective_from_s=LONG_AGO_S)
    draft, whole = begin(house), tuple(at(*place) for place in ((-1, -1), (5, -1), (5, 3), (-1, 3)))
    community, first = AreaKey("community", "C1"), grid("N1")
    above = AreaKey("street", "99900101")
    house.drafts.perform(CALLER, draft, Add(community, whole, parent=above, name="一社区"))
    house.drafts.perform(CALLER, draft, Add(first, whole, parent=community))
    middle = (at(2, -0.5), at(2, 2.5))
    house.drafts.perform(CALLER, draft, Split(first, middle, ("N2", "N3")))
    house.close()
    house = open_house(tmp_path, clock=Clock())
    edition = house.draft_publications.publish(CALLER, draft, APPROVED)
    found = editions.boundaries_of(stored(house, edition.number))
    assert (found["community"].codes, found["grid"].codes) == (("C1",), ("N2", "N3"))
    [own], ground = found["street"].geometries, found["grid"].geometries
    assert shapely.union_all(ground).normalize().equals_exact(own.normalize(), 1e-12)

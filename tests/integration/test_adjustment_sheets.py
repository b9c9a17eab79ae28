"""Sheets of a period as files: how many one file takes, and where to ask on each of them."""

import pytest

from geo_service.errors import InvalidPeriod, LimitExceeded
from geo_service.layers.area import area_set
from geo_service.maps.adjustments.view import PackChoice
from geo_service.services.adjustments.adjustments import MOST_SHEETS
from geo_service.services.adjustments.pack import PackQuery
from geo_service.services.adjustments.period import PeriodAsked
from geo_service.services.bounds_texts.told import BoundsText
from geo_service.storage.figures import Figure
from tests.adjusted_houses import E_CODE, adjust, first_of
from tests.drafting import NOW, A, C, across, at, begin
from tests.houses import CALLER, LONG_AGO_S, Clock, open_house, publish_areas, square

YEAR = PeriodAsked(year=2026)


@pytest.fixture
def clock():
    return Clock(first_of(2026, 1))


@pytest.fixture
def house(tmp_path, clock):
    house = open_house(tmp_path, clock=clock)
    yield house
    house.close()


def test_more_sheets_than_one_file_takes_are_refused_and_go_to_a_folder(house, tmp_path):
    columns, rows = 18, 17
    assert columns * rows > MOST_SHEETS
    cells = [(column, row) for row in range(rows) for column in range(columns)]
    whole = square(0, 0, columns, rows)
    areas = {
        "district": area_set("district", codes=["999001"], geometries=[whole]),
        "street": area_set("street", codes=["S"], parents=["999001"], geometries=[whole]),
        "community": area_set("community", codes=["C"], parents=["S"], geometries=[whole]),
        "grid": area_set(
            "grid",
            codes=[f"G{i:03}" for i in range(len(cells))],
            parents=["C"] * len(cells),
            geometries=[square(*cell) for cell in cells],
        ),
    }
    publish_areas(house, areas, on=0, effective_from_s=LONG_AGO_S)
    query = PackQuery(PeriodAsked(before=1), is_every=True)
    with pytest.raises(LimitExceeded, match="306"):
        house.adjustments.draw(CALLER, query, tmp_path / "all.html")
    page = house.adjustments.page(CALLER, query, PackChoice())
    assert "公示单有 306 张" in page
    assert 'class="sheet notice"' not in page
    assert house.adjustments.draw(CALLER, query, tmp_path / "all") == len(cells)
    assert len(list((tmp_path / "all").glob("G*.html"))) == len(cells)


def test_where_to_ask_is_the_office_that_a_figure_names_there_or_above(house, clock, tmp_path):
    adjust(house, clock)
    rows = (("community", "9990010101", "示例社区居委会 000-1"), ("grid", A, "第一网格站 000-2"))
    house.figures.add(
        CALLER,
        [Figure(layer, code, "office", text, LONG_AGO_S, "虚构数据") for layer, code, text in rows],
    )
    assert house.adjustments.draw(CALLER, PackQuery(YEAR), tmp_path / "pack") == 4
    pages = {
        path.name[:12]: path.read_text(encoding="utf-8") for path in (tmp_path / "pack").iterdir()
    }
    assert "第一网格站 000-2" in pages[A]
    assert "示例社区居委会 000-1" in pages[C]
    assert "居委会 000-1" not in pages[E_CODE]  # it lies in the other community
    with pytest.raises(InvalidPeriod):
        house.adjustments.draw(
            CALLER, PackQuery(PeriodAsked(before=4, after=4)), tmp_path / "none.html"
        )


HAND, ANEW = "东至示例路中线，南至虚构河", "东至新开的示例巷"


def posted(house, folder, language="zh"):
    """Return the posted sheets of the year by the codes of their areas."""
    house.adjustments.draw(CALLER, PackQuery(YEAR, language=language), folder)
    return {path.name[:12]: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_four_sides_that_people_wrote_are_posted_for_the_ground_they_were_written_for(
    house, clock, tmp_path
):
    adjust(house, clock)
    house.bounds_texts.write(CALLER, "grid", C, BoundsText(HAND, "East to the lane"))
    # in a draft for the ground that its area is to have, published with it
    draft = begin(house)
    house.drafts.perform(CALLER, draft, across(E_CODE, codes=("N3",), x=2.5, keep=at(2.25, 0.5)))
    house.draft_bounds_texts.write(CALLER, draft, ("grid", E_CODE), BoundsText(ANEW))
    house.draft_publications.publish(CALLER, draft, NOW)
    sheets = posted(house, tmp_path / "pack")
    assert HAND in sheets[C]
    assert ANEW in sheets[E_CODE]
    assert HAND not in sheets[A]
    assert "East to the lane" in posted(house, tmp_path / "english", "en")[C]
    # other ground: what was written of the former one is posted no more
    draft = begin(house)
    house.drafts.perform(CALLER, draft, across(C, codes=("N4",), y=1, keep=at(0.25, 1.5)))
    house.draft_publications.publish(CALLER, draft, NOW)
    assert HAND not in posted(house, tmp_path / "later")[C]

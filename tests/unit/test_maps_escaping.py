"""No value from outside can do harm on a page, whatever it is made of."""

from dataclasses import replace

import pytest

from geo_service.maps.hotspots.page import render_hotspots
from geo_service.maps.view import Option
from tests.hotspot_views import COMMUNITY, MICRO_GRID, small_view, street_view
from tests.parsed_pages import PageText

NASTY = (
    '<script>alert("x")</script>',
    "</script><img src=x onerror=alert(1)>",
    "'\"`{{7*7}}${1}\\u2028\u2028\u2029&amp;{% raw %}",
)


def _page(view, *, standalone=False):
    return PageText(render_hotspots(view, standalone=standalone))


@pytest.mark.parametrize("standalone", [False, True])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_name_is_only_ever_text(language, standalone):
    names = list(NASTY)
    plain = _page(small_view(["甲", "乙", "丙"], language=language), standalone=standalone)
    nasty = _page(small_view(names, language=language), standalone=standalone)
    assert [tag for tag, _ in nasty.tags] == [tag for tag, _ in plain.tags]
    assert list(nasty.data["areas"]["names"]) == names
    assert all(name.split("\u2028")[0] in nasty.text for name in names)


@pytest.mark.parametrize("text", NASTY)
def test_every_other_text_from_outside_is_only_text_as_well(text):
    view = small_view()
    view = replace(
        view,
        place=text,
        layers=[Option("grid", text, is_selected=True)],
        categories=[Option(text, text, is_selected=True)],
        sources=[Option(text, text)],
        notices=[text],
        map_unit=text,
        review_number=text,
        layer=replace(MICRO_GRID, title_zh=text),
        ancestors=[replace(view.ancestors[0], layer=replace(COMMUNITY, title_zh=text))],
        references=[replace(street_view().references[0], kind="tree", title=text)],
        definitions={"count": text},
    )
    plain = replace(
        view,
        place="甲",
        layers=[Option("grid", "甲", is_selected=True)],
        categories=[Option("甲", "甲", is_selected=True)],
        sources=[Option("甲", "甲")],
        notices=["甲"],
        map_unit="甲",
        review_number="甲",
        layer=MICRO_GRID,
        ancestors=small_view().ancestors,
        references=[replace(view.references[0], title="甲")],
        definitions={"count": "甲"},
    )
    assert [tag for tag, _ in _page(view).tags] == [tag for tag, _ in _page(plain).tags]


def test_a_layer_title_reaches_the_layer_control_without_markup():
    title = "<img src=x onerror=alert(1)>"
    view = small_view(references=[replace(street_view().references[0], kind="tree", title=title)])
    script = _page(view).scripts[-1]
    assert "&lt;img" in script.replace("\\u0026", "&")
    assert "<img" not in script.replace("\\u003c", "<")


@pytest.mark.parametrize("text", ["{{ 7 * 7 }}", "{% for i in x %}", "{# a #}"])
def test_a_text_is_never_carried_out_as_a_template(text):
    view = small_view(place=text, layer=replace(MICRO_GRID, title_zh=text))
    view = replace(view, references=[replace(street_view().references[0], kind="k", title=text)])
    page = _page(view)
    assert text in page.text
    assert text in page.all("div", role="region")[0]["aria-label"]
    assert text.replace("{", "\\u0026#123;") in page.scripts[-1]

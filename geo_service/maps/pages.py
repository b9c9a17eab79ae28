"""What all pages share: templates, head, JSON, the start page and the page of an error."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from geo_service.errors import NO_TITLES, GeoServiceError, LayerTitles
from geo_service.maps.assets import Assets
from geo_service.maps.wording import html_language, words


@dataclass(frozen=True)
class SheetChoice:
    """What sheets of rates can be asked for: layers (name, title), one of them, and a day.

    ``category`` and ``source`` narrow them, each to one of those that issues have, or None.
    """

    language: str
    layers: Sequence[tuple[str, str]]
    layer: str
    day: date
    categories: Sequence[str] = ()
    sources: Sequence[tuple[str, str]] = ()
    category: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class RateChoice:
    """What tables of rates can be asked for: categories, sources (name, title), days."""

    categories: Sequence[str]
    sources: Sequence[tuple[str, str]]
    first: date
    last: date


@dataclass(frozen=True)
class StartView:
    """What the start page shows; ``edition`` is None before anything was published.

    ``area_counts`` holds (title of a layer, number of areas), ``notices`` the lines that every
    page carries. ``sheets`` and ``rates`` are what can be asked for, None before that;
    ``cadence`` tells of each entry its title, kind, last day, state and a sentence.
    """

    language: str
    place: str
    edition: str | None
    area_counts: Sequence[tuple[str, int]]
    issue_count: int
    notices: Sequence[str] = ()
    is_fictional: bool = False
    sheets: SheetChoice | None = None
    rates: RateChoice | None = None
    cadence: Sequence[Mapping[str, Any]] = ()


def render_start(view: StartView, *, assets: Assets | None = None) -> str:
    """Return the start page: the desks with their state, and how to begin."""
    return _render("start.html.j2", view.language, assets, view=view)


def render_desk_error(
    problem: GeoServiceError,
    *,
    language: str,
    layers: LayerTitles = NO_TITLES,
    notices: Sequence[str] = (),
    assets: Assets | None = None,
) -> str:
    """Return a page that says what went wrong and where to go on."""
    said = problem.text(language, layers)
    return _render("error.html.j2", language, assets, problem=said, notices=notices)


@lru_cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def template(name: str) -> Template:
    """Return one of our templates; every value in it is escaped."""
    return _environment().get_template(name)


def page_head(assets: Assets, styles: Sequence[str], *, is_standalone: bool) -> Markup:
    """Return the style sheets of a page, linked or put into it."""
    if is_standalone:
        inside = (f"<style>{assets.style(name)}</style>" for name in styles)
        return Markup("\n".join(inside))  # noqa: S704  # our own files
    link = Markup('<link rel="stylesheet" href="{}">')
    return Markup("\n").join(link.format(assets.url(name)) for name in styles)


def page_modules(
    assets: Assets, names: Sequence[str], *, is_standalone: bool = False
) -> Mapping[str, str]:
    """Return our modules by name: their addresses, or all as one classic script in a page."""
    files = [f"{name}.js" for name in names]
    if is_standalone:
        return {"classic": Markup(assets.classic(*files))}  # noqa: S704  # our own files
    return {name: assets.url(f"app/{file}") for name, file in zip(names, files, strict=True)}


@dataclass(frozen=True)
class JsonText:
    """A value that is written as JSON already."""

    text: str


def json_text(value: Any) -> JsonText:
    """Return a value as JSON; a JsonText in it, as a member of a mapping, stands as it is.

    Raises
    ------
    ValueError
        On NaN and infinity, which JSON cannot tell.
    """
    if isinstance(value, JsonText):
        return value
    if isinstance(value, Mapping):
        members = (f"{_written(str(key))}:{json_text(item).text}" for key, item in value.items())
        return JsonText(f"{{{','.join(members)}}}")
    return JsonText(_written(value))


def json_inside_html(value: Any) -> Markup:
    """Return JSON that is safe inside a script element, whatever text it holds."""
    text = json_text(value).text
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704  # no character is left that HTML or JavaScript would act on


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _render(name: str, language: str, assets: Assets | None, **facts: object) -> str:
    head = page_head(assets or Assets(), ("app/page.css",), is_standalone=False)
    html = template(name).render(
        w=words(language),
        language=language,
        html_language=html_language(language),
        head=head,
        **facts,
    )
    from geo_service.maps.offline import render_checked  # folium loads for half a second

    return render_checked(html)

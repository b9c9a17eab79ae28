"""What the hotspot page's figures rest on: its switches, and the conditions in words."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlencode

from geo_service.analysis.classes import METHODS
from geo_service.governance.moment import SHANGHAI
from geo_service.maps.view import BASES, MEASURES, Days, HotspotView, Option
from geo_service.maps.wording import Words

CLASS_COUNTS = range(3, 8)


def choices(view: HotspotView, words: Words) -> Mapping[str, Sequence[Option]]:
    """Return the switches of the form by the name of their query parameter."""
    return {
        "layer": view.layers,
        "category": (_any(view.categories, words["all_categories"]), *view.categories),
        "source": (_any(view.sources, words["all_sources"]), *view.sources),
        "measure": _named("measure", MEASURES, view.measure, words),
        "basis": _named("basis", BASES, view.basis, words),
        "classification": _named("classification", METHODS, view.classification, words),
        "classes": [Option(str(n), str(n), n == view.class_count) for n in CLASS_COUNTS],
    }


def presets(view: HotspotView, words: Words) -> list[Option]:
    """Return links to usual periods that keep all other conditions; values are addresses."""
    last = view.day_numbers.day
    month = last.replace(day=1)
    month_before = month - timedelta(days=1)
    periods = {
        "preset_7": Days(last - timedelta(days=6), last),
        "preset_30": Days(last - timedelta(days=29), last),
        "preset_month": Days(month, last),
        "preset_last_month": Days(month_before.replace(day=1), month_before),
    }
    return [
        Option(page_address(view, period=days), words[key], days == view.period)
        for key, days in periods.items()
    ]


def page_address(
    view: HotspotView, *, period: Days | None = None, language: str | None = None
) -> str:
    """Return the address of this page with its conditions, some of them changed."""
    days = period or view.period
    query = {
        "layer": view.layer.name,
        "from": days.first.isoformat(),
        "to": days.last.isoformat(),
        "category": _selected(view.categories),
        "source": _selected(view.sources),
        "measure": view.measure,
        "basis": view.basis,
        "classification": view.classification,
        "classes": str(view.class_count),
        "lang": language or view.language,
    }
    return f"{view.links.page}?{urlencode({key: value for key, value in query.items() if value})}"


def conditions(view: HotspotView, words: Words) -> list[tuple[str, str]]:
    """Return what the figures rest on, each with its name."""
    by_name = choices(view, words)
    named = {key: next((o.title for o in by_name[key] if o.is_selected), "") for key in by_name}
    return [
        (words["layer"], view.layer.title(view.language)),
        (words["category"], named["category"]),
        (words["source"], named["source"]),
        (words["measure"], named["measure"]),
        (words["basis"], named["basis"]),
        (words["classification"], method_text(view, words)),
    ]


def method_text(view: HotspotView, words: Words) -> str:
    """Return the classification in words."""
    method = words[f"classification_{view.classification}"]
    return words["legend_method"].format(method=method, count=view.class_count)


def days_text(days: Days, words: Words) -> str:
    """Return a period in words, a single day as one."""
    if days.first == days.last:
        return days.first.isoformat()
    return words["days"].format(first=days.first.isoformat(), last=days.last.isoformat())


def data_until_text(view: HotspotView, words: Words) -> str:
    """Return until when the data reach, in Asia/Shanghai."""
    if view.data_until is None:
        return words["no_value"]
    return view.data_until.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _any(options: Sequence[Option], title: str) -> Option:
    return Option("", title, not _selected(options))


def _selected(options: Sequence[Option]) -> str:
    return next((option.value for option in options if option.is_selected), "")


def _named(prefix: str, values: Sequence[str], selected: str, words: Words) -> list[Option]:
    return [Option(value, words[f"{prefix}_{value}"], value == selected) for value in values]

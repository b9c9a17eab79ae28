"""Start page, error page, and the words of all pages in both languages."""

import re
from pathlib import Path

import pytest

from geo_service.errors import EditionNotFound
from geo_service.maps.coverage.page import RowText
from geo_service.maps.pages import StartView, render_desk_error, render_start
from geo_service.maps.wording import words
from tests.parsed_pages import PageText

ROOT = Path(__file__).resolve().parents[2]


def test_every_word_is_there_in_both_languages_with_the_same_places():
    zh, en = words("zh"), words("en")
    for key, text in zh.items():
        places = [sorted(re.findall(r"\{(\w+)\}", both)) for both in (text, en[key])]
        assert places[0] == places[1] or key == "worst_by", key
        assert bool(text) == bool(en[key])


def test_no_word_is_left_over():
    sources = [*(ROOT / "geo_service/maps").rglob("*.py"), *(ROOT / "static/app").glob("*.js")]
    sources += (ROOT / "geo_service/maps/templates").iterdir()
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    prefixes = set(re.findall(r"(\w+_)[{$]", text)) | set(re.findall(r'"(\w+_)" \+', text))
    unused = {
        key
        for key in words("zh")
        if not re.search(rf"\b{key}\b", text) and not key.startswith(tuple(prefixes))
    }
    assert not unused


def test_the_start_page_shows_the_desk_and_the_state():
    view = StartView(
        language="zh",
        place="示例街道",
        edition="第 3 版，2026-07-01 起生效",
        area_counts=[("微网格", 155)],
        issue_count=12_345,
        notices=["演示模式"],
        is_fictional=True,
    )
    page = PageText(render_start(view))
    for fact in ("示例街道", "第 3 版", "微网格 155", "12,345", "演示模式", "虚构数据"):
        assert fact in page.text
    assert page.all("a", href="/desk/hotspots?lang=zh")


def test_the_start_page_of_an_empty_service_says_how_to_begin():
    view = StartView(language="en", place="", edition=None, area_counts=[], issue_count=0)
    text = PageText(render_start(view)).text
    assert "No edition yet" in text
    assert "geo-service import FILE" in text


def test_an_error_page_says_the_problem_in_the_language_asked_for():
    problem = EditionNotFound(asked="<script>alert(1)</script>")
    for language in ("zh", "en"):
        page = PageText(render_desk_error(problem, language=language, notices=["演示模式"]))
        assert problem.text(language) in page.text
        assert not page.scripts


@pytest.mark.parametrize(
    ("members", "least"),
    [(42, 42), ("49–51", 49), ("≥12", 12), ("<3", 0), ("不足3人", 0), ("—", "")],
)
def test_a_table_is_sorted_by_the_least_that_a_count_can_be(members, least):
    row = RowText(0, "1", "", "", "", "", "", "", 0, 0, 0, members=members, issues=0)
    assert row.least_members == least

"""Profiles: what a file may say, and how each mistake is told."""

import hashlib

import pytest

from geo_service.errors import UnknownProfile
from geo_service.governance.profile import parse_profile, shipped_profile, shipped_profiles
from geo_service.layers.layer_tables import layers_from_tables
from tests.profiles import refusal_of

LAYERS_ALONE = """
[[layers]]
name = "street"

[[layers]]
name = "grid"
parent = "street"
"""


def test_a_file_with_layers_alone_is_enough():
    profile = parse_profile(LAYERS_ALONE, file="folder/ours.toml")

    assert profile.name == "ours"
    assert [table["name"] for table in profile.layers] == ["street", "grid"]
    assert profile.certain_share == 0.8
    assert profile.source_of("12345") == "complaint"
    assert profile.hotspots.layer == "grid"
    assert profile.hotspots.excluded_request_types == ("咨询", "表扬")


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("generic", ["district", "street", "community", "grid"]),
        ("x-street", ["street", "subarea", "community", "micro_grid"]),
        ("n-street", ["street", "community", "estate", "grid"]),
    ],
)
def test_shipped_profiles_nest_their_layers_in_one_family(name, layers):
    found = layers_from_tables(shipped_profile(name).layers)

    assert found.names == layers
    assert {leaf: [layer.name for layer in family] for leaf, family in found.families.items()} == {
        layers[-1]: layers
    }
    assert all(layer.title_zh != layer.name for layer in found)


def test_every_shipped_profile_is_valid_and_named_as_its_file():
    assert {"generic", "n-street", "x-street"} <= set(shipped_profiles())
    assert [shipped_profile(name).name for name in shipped_profiles()] == shipped_profiles()


def test_an_unknown_shipped_profile_names_those_there_are():
    with pytest.raises(UnknownProfile) as caught:
        shipped_profile("y-street")

    assert "x-street" in caught.value.text("zh")


def test_the_hash_is_that_of_the_canonical_text_and_does_not_see_comments_or_line_ends():
    plain = parse_profile(LAYERS_ALONE, file="own.toml")
    commented = parse_profile(
        "\ufeff# 注释\r\n" + LAYERS_ALONE.replace("\n", "\r\n"), file="own.toml"
    )
    other = parse_profile("certain_share = 0.7\n" + LAYERS_ALONE, file="own.toml")

    assert plain.hash == hashlib.sha256(plain.canonical_text.encode()).hexdigest()
    assert commented.hash == plain.hash
    assert other.hash != plain.hash


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('name = "x"\n', 1, "layers"),
        ("layers = 3\n", 1, "layers"),
        ("layers = []\n", 1, "layers"),
        ('[[layers]]\nname = "grid"\nx = \n', 3, "TOML"),
        ('[[layers]]\nname = "grid', 2, "TOML"),
        ('[[layers]]\ntitle_zh = "网格"\n', 1, "layers[1].name"),
        ('[[layers]]\nname = "grid"\ncolor = "red"\n', 3, "layers[1].color"),
        ('speed = 1\n[[layers]]\nname = "grid"\n', 1, "speed"),
        ('[[layers]]\nname = "网格"\n', 2, "layers[1].name"),
        ("[[layers]]\nname = 7\n", 2, "layers[1].name"),
        ('[[layers]]\nname = "a"\n\n[[layers]]\nname = "a"\n', 5, "layers[2].name"),
        ('[[layers]]\nname = "a"\nparent = "b"\n', 3, "layers[1].parent"),
        (
            '[[layers]]\nname = "a"\nparent = "b"\n\n[[layers]]\nname = "b"\n',
            3,
            "layers[1].parent",
        ),
        (
            '[[layers]]\nname = "a"\nparent = "b"\n\n[[layers]]\nname = "b"\nparent = "a"\n',
            3,
            "layers[1].parent",
        ),
        ('[[layers]]\nname = "a"\nparent = "a"\n', 3, "layers[1].parent"),
        (
            LAYERS_ALONE + '[[layers]]\nname = "e"\noverlay = true\nparent = "street"\n',
            11,
            "layers[3].parent",
        ),
        (
            LAYERS_ALONE + '[[layers]]\nname = "e"\noverlay = true\n'
            '[[layers]]\nname = "f"\nparent = "e"\n',
            13,
            "layers[4].parent",
        ),
        (LAYERS_ALONE + 'geometry = "point"\n', 8, "layers[2].geometry"),
        (LAYERS_ALONE + 'authority = "nobody"\n', 8, "layers[2].authority"),
        (LAYERS_ALONE + "reach_m = 15\n", 8, "layers[2].reach_m"),
        (LAYERS_ALONE + "nearest_m = -1\n", 8, "layers[2].nearest_m"),
        (LAYERS_ALONE + "nearest_m = nan\n", 8, "layers[2].nearest_m"),
        (LAYERS_ALONE + "nearest_m = true\n", 8, "layers[2].nearest_m"),
        (LAYERS_ALONE + '[[layers]]\nname = "lane"\ngeometry = "line"\n', 10, "layers[3].geometry"),
        (
            LAYERS_ALONE + '[[layers]]\nname = "lane"\noverlay = true\ngeometry = "line"\n',
            9,
            "layers[3].name",
        ),
        (
            '[[layers]]\nname = "lane"\noverlay = true\ngeometry = "line"\nreach_m = 15\n',
            1,
            "layers",
        ),
        ("certain_share = 1.5\n" + LAYERS_ALONE, 1, "certain_share"),
        (LAYERS_ALONE + '[hotspots]\nlayer = "estate"\n', 9, "hotspots.layer"),
        (LAYERS_ALONE + "[hotspots]\ndays = 0\n", 9, "hotspots.days"),
        (
            LAYERS_ALONE + '[hotspots]\nexcluded_request_types = ["闲聊"]\n',
            9,
            "hotspots.excluded_request_types",
        ),
        (LAYERS_ALONE + '[statuses]\nopen = ["在办"]\nclosed = ["在办"]\n', 10, "statuses.closed"),
        (LAYERS_ALONE + '[statuses]\nopen = ["在办"]\n', 8, "statuses.closed"),
        (
            LAYERS_ALONE + '[[sources]]\nname = "a"\naliases = ["热线"]\n'
            '[[sources]]\nname = "b"\naliases = ["热线"]\n',
            13,
            "sources[2]",
        ),
        (
            LAYERS_ALONE + '[[categories]]\nname = "停车"\nminors = [\n'
            '    { name = "违停" },\n    { name = "车位", cost = 3 },\n]\n',
            12,
            "categories[1].cost",
        ),
        (
            LAYERS_ALONE + '[[figures]]\nname = "residents"\nkind = "money"\n',
            10,
            "figures[1].kind",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_key(text, line, key):
    error = refusal_of(text)

    assert (error.file, error.line, error.key) == ("own.toml", line, key)


OVERLAY = LAYERS_ALONE + '[[layers]]\nname = "park"\noverlay = true\n'


@pytest.mark.parametrize(
    ("text", "line", "key", "word"),
    [
        (LAYERS_ALONE + 'overrides = ["文体"]\n', 8, "layers[2].overrides", "overlay = true"),
        (OVERLAY + "overrides = []\n", 11, "layers[3].overrides", "no category"),
        (OVERLAY + 'overrides = "文体"\n', 11, "layers[3].overrides", "list of texts"),
        (OVERLAY + 'overrides = [\n"文体",\n"飞碟",\n]\n', 13, "layers[3].overrides", "飞碟"),
        (OVERLAY + 'overrides = ["出行停车/飞碟"]\n', 11, "layers[3].overrides", "出行停车"),
        (
            OVERLAY + 'overrides = [\n"出行停车/违停",\n"违章停车",\n]\n',
            13,
            "layers[3].overrides",
            "twice",
        ),
        (
            OVERLAY + 'overrides = [\n"违停",\n"出行停车",\n]\n',
            12,
            "layers[3].overrides",
            "part of its major",
        ),
    ],
)
def test_overrides_that_cannot_be_meant_are_refused(text, line, key, word):
    error = refusal_of(text)

    assert (error.line, error.key) == (line, key)
    assert word in error.text("en")
    assert error.text("zh") != error.text("en")


@pytest.mark.parametrize(
    ("text", "line", "key", "word"),
    [
        (LAYERS_ALONE + "codes = [6]\n", 8, "layers[2].codes", "at least two"),
        (LAYERS_ALONE + "codes = [6, 0]\n", 8, "layers[2].codes", "widths"),
        (LAYERS_ALONE + "codes = [true, 3]\n", 8, "layers[2].codes", "widths"),
        (LAYERS_ALONE + 'codes = "6+3"\n', 8, "layers[2].codes", "widths"),
        (OVERLAY + "codes = [6, 3]\n", 11, "layers[3].codes", "with a parent"),
        (
            LAYERS_ALONE
            + "codes = [6, 3]\n"
            + '[[layers]]\nname = "cell"\nparent = "grid"\ncodes = [6, 3, 3, 3]\n',
            12,
            "layers[3].codes",
            "grid have 9",
        ),
        (LAYERS_ALONE + "usual_area_m2 = [9, 1]\n", 8, "layers[2].usual_area_m2", "least, most"),
        (
            OVERLAY + 'geometry = "line"\nreach_m = 5\nusual_area_m2 = [1, 9]\n',
            13,
            "layers[3].usual_area_m2",
            "polygons only",
        ),
    ],
)
def test_schemes_of_codes_and_usual_sizes_that_cannot_be_meant_are_refused(text, line, key, word):
    error = refusal_of(text)

    assert (error.line, error.key) == (line, key)
    assert word in error.text("en")
    assert error.text("zh") != error.text("en")


def test_usual_sizes_are_those_of_the_ground_and_of_figures():
    profile = shipped_profile("community-resize")
    assert profile.usual_sizes("community") == {"households": (1000, 3000)}
    assert profile.usual_sizes("street") == {}

    unit_grids = shipped_profile("dongcheng-unit-grid")
    assert unit_grids.usual_sizes("unit_grid") == {"area_m2": (5000, 20000)}
    *_, unit_grid = layers_from_tables(unit_grids.layers)
    assert (unit_grid.name, unit_grid.codes) == ("unit_grid", (6, 3, 3, 3))


def test_overrides_are_kept_under_the_names_of_their_categories():
    text = OVERLAY + 'overrides = ["违停", "市容秩序／流动摊贩", "文体", "停车 / 位"]\n'
    text += '[[categories]]\nname = "停车 / 位"\n[[categories]]\nname = "文体"\n'
    text += '[[categories]]\nname = "市容秩序"\n'
    text += 'minors = [{ name = "流动商贩", aliases = ["流动摊贩"] }, { name = "违停" }]\n'
    profile = parse_profile(text, file="own.toml")

    park = layers_from_tables(profile.layers)["park"]
    assert park.overrides == ("市容秩序/违停", "市容秩序/流动商贩", "文体", "停车 / 位")
    assert layers_from_tables(profile.layers)["grid"].overrides == ()


@pytest.mark.parametrize(
    ("key", "category"),
    [
        ("出行停车", ("出行停车", None)),
        ("出行停车/违停", ("出行停车", "违章停车")),
        ("出行停车／违章停车", ("出行停车", "违章停车")),
        ("违停", ("出行停车", "违章停车")),
        ("出行停车/", ("出行停车", None)),
        ("出行停车/飞碟", None),
        ("飞碟", None),
        ("/", None),
        ("", None),
    ],
)
def test_a_category_in_one_piece_is_known_or_not(key, category):
    assert shipped_profile("generic").category_named(key) == category


def test_layers_written_inline_are_read_and_their_mistakes_placed_near_by():
    inline = 'certain_share = 0.9\nlayers = [\n  {{ name = "street" }},\n  {{ name = "{}" }},\n]\n'

    assert len(parse_profile(inline.format("grid"), file="own.toml").layers) == 2
    assert refusal_of(inline.format("street")).line == 3  # the first line with the word
    assert refusal_of(inline.format("网格")).line == 2  # the key that holds them all


def test_titles_speak_both_languages():
    profile = shipped_profile("x-street")
    patrol = profile.sources[1]

    assert profile.title("en") == "X street: subareas and micro-grids"
    assert profile.title("zh") == "X 街道：片区与微网格"
    assert (patrol.title("zh"), patrol.title("en")) == ("巡查发现", "patrol")


def test_office_words_for_a_community_type():
    profile = shipped_profile("x-street")

    assert profile.community_type_of("老旧小区") == "老旧"
    assert profile.community_type_of("太空站") is None


def test_a_minor_under_two_majors_says_nothing_about_its_major():
    text = LAYERS_ALONE + (
        '[[categories]]\nname = "甲"\nminors = [{ name = "其他" }]\n'
        '[[categories]]\nname = "乙"\nminors = [{ name = "其他" }]\n'
    )
    profile = parse_profile(text, file="own.toml")

    assert profile.category_of("", "其他") == (None, "其他")
    assert profile.category_of("乙", "其他") == ("乙", "其他")


def test_a_cycle_is_called_a_cycle():
    text = '[[layers]]\nname = "a"\nparent = "b"\n\n[[layers]]\nname = "b"\nparent = "a"\n'

    assert "cycle" in refusal_of(text).text("en")
    assert "成环" in refusal_of(text).text("zh")


def test_layers_keep_what_their_tables_say():
    text = """
[[layers]]
name = "unit_grid"

[[layers]]
name = "lane"
title_zh = "街巷"
overlay = true
geometry = "line"
reach_m = 15
nearest_m = 0
authority = "statutory"
"""
    unit_grid, lane = layers_from_tables(parse_profile(text, file="own.toml").layers)

    assert (unit_grid.title_zh, unit_grid.title_en) == ("unit_grid", "unit grid")
    assert (unit_grid.is_overlay, unit_grid.geometry, unit_grid.authority) == (
        False,
        "polygon",
        "managed",
    )
    assert (lane.title_zh, lane.is_overlay, lane.geometry) == ("街巷", True, "line")
    assert (lane.reach_m, lane.nearest_m, lane.authority) == (15, 0, "statutory")


def test_own_request_types_drop_the_exclusions_that_no_longer_apply():
    profile = parse_profile(LAYERS_ALONE + '[[request_types]]\nname = "咨询"\n', file="own.toml")

    assert profile.hotspots.excluded_request_types == ("咨询",)


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        (("出行停车", "违停"), ("出行停车", "违章停车")),
        (("", "违章停车"), ("出行停车", "违章停车")),
        (("违章停车", ""), ("出行停车", "违章停车")),
        (("出行停车", None), ("出行停车", None)),
        (("出行停车", "代客泊车"), ("出行停车", "代客泊车")),
        (("外星事务", "飞碟"), ("外星事务", "飞碟")),
        (("公共危机", "公共卫生（涉疫）"), ("公共危机", "公共卫生(涉疫)")),
        ((None, " "), (None, None)),
    ],
)
def test_category_words_find_their_category_and_unknown_ones_stay(words, meaning):
    assert shipped_profile("generic").category_of(*words) == meaning


@pytest.mark.parametrize(
    ("word", "status"),
    [("在办", "open"), ("处理中", "open"), ("未办结", "open"), ("已办结", "closed"),
     ("办结", "closed"), ("结案", "closed"), ("CLOSED", "closed"), ("飞走了", None)],
)  # fmt: skip
def test_office_words_for_a_status(word, status):
    assert shipped_profile("generic").status_of(word) == status


def test_the_issue_words_and_demand_words_of_the_studies_are_all_known():
    issue_words = (
        "违法建设 违法经营 开墙打洞 环境污染 小区停车 违章停车 门前三包 流动商贩 店外经营 邻里纠纷 "
        "公共安全 房屋拆迁 物业管理 社会治安 垃圾分类 供水 供电 供气 环境卫生 园林绿化 "
        "公共卫生(涉疫) 加装电梯 设施维修 邻里照料"
    )
    demand_words = "环境与垃圾分类 出行停车 文体 养老 医疗 公共危机 信息化 托管 图书室 其他"
    profile = shipped_profile("generic")

    assert all(profile.category_of("", word)[0] for word in issue_words.split())
    assert {category.name for category in profile.categories} >= set(demand_words.split())

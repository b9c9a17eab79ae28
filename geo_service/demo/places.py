"""The demo places: two streets as the sources print them, and lands for benchmarks.

What a street is like, for any seed (tested): 4 to 6 km²; blocks of 3,300 to 4,600 m² at the tenth,
6,700 to 8,300 m² at the middle and 12,500 to 16,500 m² at the ninth decile; 70 to 83 % of the
junctions are T-junctions, no two nearer than 8 m; a grid has 100 to 145 points on average, and at
least 65 % of the grids have 300 to 500 households.
"""

from dataclasses import replace
from datetime import date

from geo_service.demo.city import SOURCE, City, Plan, found
from geo_service.demo.land.blocks import Land
from geo_service.demo.land.naming import Level

_ORIGIN = (118.5, 33.6)
"""Somewhere on a plain: what really is there has nothing to do with what is drawn."""
_N_STREET_ORIGIN = (118.6, 33.6)
_HOTLINE_ORIGIN = (118.7, 33.6)

_HOUSEHOLDS_PER_GRID = 390

_X_STREET = Plan(
    title="示例街道（X 街道治理结构，虚构数据）",
    levels=(
        Level("street", 1, None, 3, "示例街道"),
        Level("subarea", 5, "street", 2, "{above}第{ordinal}片区"),
        Level("community", 29, "street", 3, "{stem}居民区", "places", "street"),
        Level("micro_grid", 155, "community", 3, "{stem}第{number}微网格"),
    ),
    land=Land(width_m=2650, height_m=2350, block_m2=9000, notches=2),
    origin=_ORIGIN,
    prefix="999001",
    first=1,
    households=60_400,
)

_N_STREET = Plan(
    title="示例街道（N 街道治理结构，虚构数据）",
    levels=(
        Level("street", 1, None, 3, "示例街道"),
        Level("community", 10, "street", 3, "{stem}社区", "words", "street"),
        Level("estate", 48, "community", 2, "{stem}小区", "places", "street"),
        Level("grid", 122, "estate", 3, "{stem}第{number}网格"),
    ),
    land=Land(width_m=2300, height_m=2150, block_m2=9000, notches=1),
    origin=_N_STREET_ORIGIN,
    prefix="999002",
    first=1,
    households=44_800,
    residents=68_000 + 35_000,
    valid_from=date(2018, 11, 1),
    source=SOURCE + "；合计按文献所载户籍 6.8 万人、流动人口 3.5 万人（2018-11），分摊为虚构",
)

_HOTLINE_DISTRICT = Plan(
    title="示例区（丰台“接诉即办”的数目，虚构数据）",
    levels=(
        Level("district", 1, None, 3, "示例区"),
        Level(
            "street",
            21,
            "district",
            3,
            "示例{stem}{kind}",
            "words",
            "district",
            ("街道",) * 16 + ("乡",) * 5,
        ),
        Level("community", 326, "street", 3, "{stem}社区", "places", "street"),
    ),
    land=Land(width_m=8000, height_m=7000, block_m2=40_000),
    origin=_HOTLINE_ORIGIN,
    prefix="999",
    first=4,
    households=840_000,
    residents=2_100_000,
    source=SOURCE + "；合计按文献所载 210 万人，户数为假定，分摊为虚构",
)


def x_street(*, seed: int = 2024) -> City:
    """Return a street of 5 subareas, 29 communities and 155 micro-grids.

    The counts are printed (X street, Shanghai); place, names and figures are fictional.
    """
    return found(_X_STREET, seed=seed)


def n_street(*, seed: int = 2018) -> City:
    """Return a street of 10 communities, 48 estates with a station each, and 122 grids.

    The counts and the 103,000 residents are printed (N street, Zhejiang); which estate or grid
    lies in which community, and everything else, is fictional.
    """
    return found(_N_STREET, seed=seed)


def hotline_district(*, seed: int = 2019) -> City:
    """Return a district of 16 streets, 5 townships and 326 communities with 2,100,000 residents.

    The counts are printed (Fengtai); the printed 306 km² are not drawn: 56 km² keep the demo small.
    """
    return found(_HOTLINE_DISTRICT, seed=seed)


def district(*, seed: int = 1) -> City:
    """Return 155 grids with about 10,000 border edges in the layers of the generic profile."""
    land = Land(width_m=2650, height_m=2350, block_m2=9000, notches=2)
    return found(_generic("示例区", (1, 5, 29, 155), land, first=3), seed=seed)


def city(*, seed: int = 1) -> City:
    """Return 20,000 grids with about 1.5 million border edges, in 16 districts."""
    land = Land(width_m=27_000, height_m=25_500, block_m2=9000)
    plan = _generic("示例市", (16, 128, 3_700, 20_000), land, first=101)
    return found(replace(plan, spacing_m=5.35), seed=seed)


def nation(*, seed: int = 1) -> City:
    """Return 503,808 grids in 256 districts, boundaries alone: for benchmarks."""
    land = Land(width_m=136_000, height_m=128_000, block_m2=14_000)
    plan = _generic("示例国土", (256, 4_096, 94_208, 503_808), land, first=1)
    return found(replace(plan, spacing_m=16.0, is_built=False), seed=seed)


def _generic(title: str, counts: tuple[int, int, int, int], land: Land, *, first: int) -> Plan:
    """Return a plan in the layers of the generic profile; districts are numbered from ``first``."""
    districts, streets, communities, grids = counts
    return Plan(
        title=f"{title}（虚构数据）",
        levels=(
            Level("district", districts, None, 3, title if districts == 1 else "示例第{number}区"),
            Level("street", streets, "district", 3, "示例{stem}街道", "words", "district"),
            Level("community", communities, "street", 3, "{stem}社区", "places", "street"),
            Level("grid", grids, "community", 3, "{stem}第{number}网格"),
        ),
        land=land,
        origin=_ORIGIN,
        prefix="999",
        first=first,
        households=_HOUSEHOLDS_PER_GRID * grids,
    )

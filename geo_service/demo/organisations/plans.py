"""What the registers of the two demo streets are to hold.

N street: 122 party grids are printed (2016-09), a branch on each is an assumption. 111 have their
own; two pairs share one; one has a temporary, two a functional one; two have a liaison only, two
nobody. Of its 48 estates 43 have their own, two share one, one each has a functional one only, a
liaison only and nobody. The ladder is 街道大工委—社区大党委—小区党支部—网格党支部—楼道党小组.

X street: 5, 29 and 155 organisations are printed, on as many areas. The 155 of the micro-grids are
139 of their own, four that two neighbors share, one temporary and two functional ones, and second
groups in the nine largest; so of the 155 micro-grids three have a liaison only and two nobody. Each
of the 29 has two posts of a second secretary (58): posts, never persons.
"""

from geo_service.demo.organisations.bodies import LevelPlan
from geo_service.demo.organisations.departures import Departures
from geo_service.demo.organisations.facilities import SitePlan
from geo_service.demo.organisations.units import UnitPlan

_STREET = LevelPlan(
    "street",
    (("working_committee", "{area}党工委（大工委）"),),
    ("2010-01-01", "2010-12-31"),
    "党工委书记×1",
)

N_LEVELS = (
    _STREET,
    LevelPlan(
        "community",
        (("committee", "{area}大党委"),),
        ("2011-01-01", "2014-12-31"),
        "社区党委书记（总网格长）×1",
    ),
    LevelPlan(
        "estate",
        (("branch", "{area}党支部"), ("general_branch", "{area}党总支")),
        ("2013-01-01", "2014-12-31"),
        "小区党支部书记×1",
        domain="小区",
        departures=Departures(joint=1, functional=1, linked=1, blank=1),
    ),
    LevelPlan(
        "grid",
        (("branch", "{area}党支部"),),
        ("2014-06-01", "2016-08-31"),
        "网格党支部书记（网格长）×1",
        domain="网格",
        members=(6, 42),
        departures=Departures(joint=2, temporary=1, functional=2, linked=2, blank=2, late=3),
    ),
)

X_LEVELS = (
    _STREET,
    LevelPlan(
        "subarea",
        (("committee", "{area}党委"),),
        ("2019-01-01", "2019-12-31"),
        "片区党委书记、副书记（街道领导）×2",
    ),
    LevelPlan(
        "community",
        (
            ("general_branch", "{area}党总支"),
            ("committee", "{area}党委"),
        ),
        ("2012-01-01", "2018-12-31"),
        "居民区书记×1，居民区第二书记×2",
    ),
    LevelPlan(
        "micro_grid",
        (("branch", "{area}党支部"), ("group", "{area}党小组")),
        ("2020-01-01", "2023-12-31"),
        "微网格党组织书记（微网格长）×1",
        domain="微网格",
        members=(4, 36),
        departures=Departures(
            joint=4, temporary=1, functional=2, linked=3, blank=2, doubled=9, late=3
        ),
    ),
)

_ENTERPRISES = (
    "示例{area}{word}超市",
    "示例{area}{word}餐饮店",
    "示例{area}{word}科技企业",
    "示例{area}{word}快递网点",
    "示例{area}{word}家政企业",
    "示例{area}{word}理发店",
)
_ENTERPRISES_STAND = (
    "joint",
    "advised",
    "few",
    "own",
    "unknown",
    "joint",
    "due",
    "mass",
    "attached",
    "joint",
    "advised lately",
    "due, advised",
    "few",
    "functional",
    "gone",
    "new",
    "formed lately",
)
_PROPERTY_STANDS = ("own", "joint", "advised", "due", "attached", "few")
_OWNERS_STAND = ("attached", "advised", "few", "attached", "mass", "unknown")
_RESIDENTS = (
    "示例{area}{word}小学",
    "示例{area}{word}银行网点",
    "示例{area}{word}社区卫生服务站",
    "示例{area}{word}菜市场",
    "示例{area}{word}文化馆",
)
_RESIDENTS_STAND = ("elsewhere", "own", "elsewhere", "joint", "advised")
_BENEFIT_STANDS = ("joint", "mass", "advised", "few", "own")

N_UNITS = (
    UnitPlan(
        "property_company",
        "estate",
        40,
        ("示例{area}{word}物业服务企业",),
        _PROPERTY_STANDS,
        domain="物业",
    ),
    UnitPlan(
        "owners_committee",
        "estate",
        26,
        ("示例{area}业主委员会",),
        _OWNERS_STAND,
        domain="业委会",
    ),
    UnitPlan(
        "property_committee",
        "estate",
        12,
        ("示例{area}物业管理委员会",),
        _OWNERS_STAND,
        first=26,
        domain="业委会",
    ),
    UnitPlan(
        "social_organisation",
        "community",
        17,
        ("示例{area}{word}公益服务社",),
        _BENEFIT_STANDS,
    ),
    UnitPlan(
        "resident_unit",
        "community",
        40,
        _RESIDENTS,
        _RESIDENTS_STAND,
        domain="驻区单位",
        is_at_work=True,
    ),
    UnitPlan(
        "private_enterprise",
        "community",
        140,
        _ENTERPRISES,
        _ENTERPRISES_STAND,
        is_at_work=True,
    ),
    UnitPlan("mass_organisation", "community", 10, ("示例{area}工会联合会",), ("advised", "few")),
)

X_UNITS = (
    UnitPlan(
        "property_company",
        "community",
        58,
        ("示例{area}{word}物业服务企业",),
        _PROPERTY_STANDS,
        domain="物业",
    ),
    UnitPlan(
        "owners_committee",
        "community",
        46,
        ("示例{area}{word}小区业主委员会",),
        _OWNERS_STAND,
        domain="业委会",
    ),
    UnitPlan(
        "property_committee",
        "community",
        14,
        ("示例{area}{word}小区物业管理委员会",),
        _OWNERS_STAND,
        first=17,
        domain="业委会",
    ),
    UnitPlan(
        "social_organisation",
        "community",
        29,
        ("示例{area}{word}社区服务社",),
        _BENEFIT_STANDS,
    ),
    UnitPlan(
        "resident_unit",
        "community",
        58,
        _RESIDENTS,
        _RESIDENTS_STAND,
        domain="驻区单位",
        is_at_work=True,
    ),
    UnitPlan(
        "private_enterprise",
        "community",
        174,
        _ENTERPRISES,
        _ENTERPRISES_STAND,
        is_at_work=True,
    ),
    UnitPlan("mass_organisation", "community", 29, ("示例{area}工会联合会",), ("advised", "few")),
)

N_SITES = (
    SitePlan("rider_station", "示例{word}骑士驿站", 4),
    SitePlan("deliberation_hall", "示例{word}议事厅", 10),
)
X_SITES = (
    SitePlan("rider_station", "示例{word}骑士驿站", 6),
    SitePlan("party_post", "示例{word}党建阵地", 6),
    SitePlan("deliberation_hall", "示例{word}议事厅", 2),
)

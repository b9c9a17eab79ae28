import numpy as np
import pytest
import shapely

from geo_service.errors import (
    UnknownFrame,
    UnsupportedFrame,
)
from geo_service.layers.frames import (
    frame_of_crs,
    parse_frame,
)

EMPTY = np.empty(0, dtype=object)


def shapes(*geometries):
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array


def vertices(geometry):
    return shapely.get_coordinates(geometry).tolist()


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("4490", "EPSG:4490"),
        ("epsg:4490", "EPSG:4490"),
        ("CGCS2000", "EPSG:4490"),
        ("国家2000坐标系", "EPSG:4490"),
        ("urn:ogc:def:crs:EPSG::4490", "EPSG:4490"),
        ("urn:ogc:def:crs:EPSG:6.9:4490", "EPSG:4490"),
        ("http://www.opengis.net/def/crs/EPSG/0/4490", "EPSG:4490"),
        ("4326", "EPSG:4326"),
        ("ＥＰＳＧ：4326", "EPSG:4326"),
        (" wgs 84 ", "EPSG:4326"),
        ("OGC:CRS84", "EPSG:4326"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "EPSG:4326"),
        ("GCJ02", "GCJ02"),
        ("gcj-02", "GCJ02"),
        ("Gcj 02 坐标系", "GCJ02"),
        ("火星坐标", "GCJ02"),
        ("高德", "GCJ02"),
        ("腾讯地图", "GCJ02"),
        ("bd-09", "BD09"),
        ("百度坐标系", "BD09"),
        ("EPSG 4547", "EPSG:4547"),
        ("CGCS2000 / 3-degree Gauss-Kruger CM 117E", "EPSG:4548"),
        ("wgs 84 / utm zone 50n", "EPSG:32650"),
        ("ESRI:102100", "EPSG:3857"),
    ],
)
def test_a_frame_has_one_name_however_it_is_written(text, frame):
    assert parse_frame(text) == frame


def test_the_horizontal_part_of_a_3d_or_compound_frame_counts():
    assert parse_frame("EPSG:4480") == "EPSG:4490"  # CGCS2000 with ellipsoidal height
    assert parse_frame("EPSG:9518") == "EPSG:4326"  # WGS 84 with EGM2008 height


@pytest.mark.parametrize(
    "text", ["", "EPSG:999999", "EPSG:1", "大地", "WGS 8 / UTM zone 50", "GEOGCS[", "4326 4490"]
)
def test_a_name_nobody_knows_is_refused(text):
    with pytest.raises(UnknownFrame) as refusal:
        parse_frame(text)
    assert text in refusal.value.text("zh")
    assert "EPSG:4490" in refusal.value.text("en")


def test_a_long_definition_is_not_repeated_whole():
    with pytest.raises(UnknownFrame) as refusal:
        parse_frame(f"PROJCS[{'x' * 5000}")
    assert len(refusal.value.text("en")) < 250


@pytest.mark.parametrize(
    "text",
    [
        "EPSG:4214",
        "2433",
        "EPSG:4610",
        "EPSG:2383",
        "EPSG:4555",
        "Beijing 54",
        "北京54坐标系",
        "1954年北京坐标系",
        "新北京坐标系",
        "Xi'an 80",
        "xian_1980",
        "西安80",
        "1980西安坐标系",
        "Beijing 1954 / 3-degree Gauss-Kruger CM 117E",
    ],
)
def test_beijing_54_and_xian_80_are_refused_because_their_parameters_are_not_public(text):
    with pytest.raises(UnsupportedFrame) as refusal:
        parse_frame(text)
    assert "参数不公开" in refusal.value.text("zh")
    assert "not public" in refusal.value.text("en")


@pytest.mark.parametrize(
    "text",
    ["上海城建坐标系", "北京地方坐标系", "深圳独立坐标", "上海2000坐标系", "local engineering"],
)
def test_a_city_local_frame_is_refused_and_a_code_or_parameters_asked_for(text):
    with pytest.raises(UnsupportedFrame) as refusal:
        parse_frame(text)
    assert "EPSG 编号" in refusal.value.text("zh")
    assert "转换参数" in refusal.value.text("zh")
    assert "EPSG code" in refusal.value.text("en")


def test_the_mercator_of_baidu_is_refused_for_its_degrees():
    with pytest.raises(UnsupportedFrame, match="BD09"):
        parse_frame("bd09mc")


@pytest.mark.parametrize("text", ["EPSG:4978", "EPSG:5773"])  # geocentric; heights
def test_a_frame_that_is_not_horizontal_is_refused(text):
    with pytest.raises(UnsupportedFrame, match="horizontal"):
        parse_frame(text)


@pytest.mark.parametrize("text", ["EPSG:2963", "EPSG:21817"])  # no formula in PROJ; no area in EPSG
def test_a_code_that_cannot_be_computed_or_placed_is_refused(text):
    with pytest.raises(UnsupportedFrame, match="not known"):
        parse_frame(text)


# Evidence in files

ESRI_120E = (
    'PROJCS["CGCS2000_3_Degree_GK_CM_120E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",'
    'DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],'
    'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",120.0],'
    'PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
OGC_120E = (
    'PROJCS["CGCS2000 / 3-degree Gauss-Kruger CM 120E",'
    'GEOGCS["China Geodetic Coordinate System 2000",'
    'DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101]{shift}],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],'
    'PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],'
    'PARAMETER["central_meridian",120],PARAMETER["scale_factor",1],'
    'PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1]]'
)


def test_nothing_can_be_told_from_nothing():
    assert frame_of_crs(None) is None
    assert frame_of_crs("") is None
    assert frame_of_crs("not a frame") is None
    assert frame_of_crs('PROJCS["broken') is None


def test_an_unnamed_plane_tells_nothing():
    assert frame_of_crs('LOCAL_CS["Unknown",UNIT["metre",1]]') is None


def test_an_authority_code_is_evidence():
    assert frame_of_crs("EPSG:4326") == "EPSG:4326"


def test_the_esri_definition_of_a_zone_is_recognized():
    assert frame_of_crs(ESRI_120E) == "EPSG:4549"
    assert parse_frame(ESRI_120E) == "EPSG:4549"


def test_the_ogc_definition_of_a_zone_is_recognized():
    assert frame_of_crs(OGC_120E.format(shift="")) == "EPSG:4549"


def test_a_zero_shift_in_a_definition_changes_nothing():
    assert frame_of_crs(OGC_120E.format(shift=",TOWGS84[0,0,0,0,0,0,0]")) == "EPSG:4549"


def test_a_definition_with_its_own_shift_is_not_the_frame_of_its_name():
    assert frame_of_crs(OGC_120E.format(shift=",TOWGS84[12,-100,-60,0,0,0,0]")) is None


def test_a_definition_with_other_numbers_is_not_the_frame_of_its_name():
    assert frame_of_crs(ESRI_120E.replace("500000.0", "400000.0")) is None
    assert frame_of_crs(ESRI_120E.replace("6378137.0", "6378140.0")) is None


def test_the_definition_of_an_old_datum_is_refused():
    old = ESRI_120E.replace("CGCS2000_3", "Beijing_1954_3").replace(
        "D_China_2000", "D_Beijing_1954"
    )
    with pytest.raises(UnsupportedFrame):
        frame_of_crs(old)


def test_an_unreadable_definition_that_names_an_old_datum_is_refused():
    with pytest.raises(UnsupportedFrame):
        frame_of_crs('PROJCS["Xian_1980_local",GEOGCS["broken')

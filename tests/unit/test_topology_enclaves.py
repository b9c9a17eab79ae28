"""Holes of root layers that are declared, and those that are not."""

from shapely import box

from geo_service.layers.layer import Enclave
from geo_service.layers.topology import check, local_scale
from tests.shapes import ISLAND, ONE_LAYER, RING, one_layer


def kinds(*enclaves):
    scale = local_scale([RING], is_degrees=False)
    found = check(one_layer(RING), ONE_LAYER, metres_per_unit=scale, enclaves=enclaves)
    return [each.kind for each in found]


def enclave(outline, layer=ONE_LAYER.names[0]):
    return Enclave(1, layer, outline, "湖", 0, "管理员")


def test_a_declared_enclave_is_no_defect_but_a_larger_hole_is():
    assert kinds() == ["hole"]
    assert kinds(enclave(ISLAND)) == []
    assert kinds(enclave(box(4, 4, 6, 5))) == ["hole"]


def test_an_enclave_is_one_of_its_own_layer():
    assert kinds(enclave(ISLAND, "elsewhere")) == ["hole"]

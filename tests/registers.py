"""Entries of registers for tests: in the words of lists, on the small street of tests/houses."""

from typing import Any

from geo_service.services.service_set import ServiceSet
from tests.houses import CALLER, center, grid_code

STREET, WEST_COMMUNITY, EAST_COMMUNITY = "99900101", "9990010101", "9990010102"


def body(code: str, area: str | None = None, **told: Any) -> dict[str, Any]:
    """Return a branch of its own that stands for a grid."""
    return {
        "code": code,
        "name": f"{code}党支部",
        "kind": "党支部",
        "layer": "grid",
        "area": area,
        "founded": "2020-01-01",
        **told,
    }


def unit(code: str, column: int = 0, row: int = 0, **told: Any) -> dict[str, Any]:
    """Return a private enterprise in the middle of a grid."""
    lon, lat = center(column, row)
    return {
        "code": code,
        "name": f"{code}公司",
        "kind": "非公企业",
        "x": lon,
        "y": lat,
        "frame": "EPSG:4490",
        "founded": "2020-01-01",
        **told,
    }


def liaison(column: int, row: int, organisation: str = "D", **told: Any) -> dict[str, Any]:
    """Return a liaison of an organisation for a grid."""
    area = grid_code(column, row)
    liaison = {"layer": "grid", "area": area, "organisation": organisation}
    return {**liaison, "founded": "2026-01-01", **told}


def record(house: ServiceSet, register: str, *rows: dict[str, Any]) -> list[Any]:
    """Record rows; return what became of each."""
    return house.registers.record_many(CALLER, register, rows)


def outcomes(found: list[Any]) -> list[str]:
    """Return the kinds of outcomes, and for refused rows the field."""
    return [each.kind if hasattr(each, "kind") else each.field for each in found]

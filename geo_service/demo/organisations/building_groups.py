"""Party groups of single buildings: known by their place alone, bound to no area."""

from geo_service.demo.organisations.bodies import Ladder
from geo_service.demo.organisations.departures import OWN
from geo_service.demo.organisations.street import Row, Street

_EVERY = 3
_SETTLED = "2025"


def building_groups(
    street: Street, made: Ladder, *, kind: str, mode: str, called: str, post: str
) -> list[Row]:
    """Return one organisation in every third of the deepest areas with a branch of its own.

    Its members are counted in the branch above it. It stands for no area: nobody says which.
    """
    standing = set(made.body_of.values())
    bodies = [
        row
        for row in made.organisations
        if row["layer"] == street.city.leaf_layer
        and row["code"] in standing
        and (row["kind"], row["mode"]) == ("branch", OWN)
        and row["founded"] < _SETTLED
    ]
    told = {"kind": kind, "mode": mode, "post": post}
    return [_group(street, body, called, told) for body in bodies[::_EVERY]]


def _group(street: Street, body: Row, called: str, told: Row) -> Row:
    place, address = street.site(street.levels[body["layer"]][body["area"][0]])
    return {
        "code": f"{body['code']}-L",
        "name": f"{address}{called}",
        **told,
        "domain": "楼栋",
        "parent": body["code"],
        "founded": street.day(("2022-01-01", "2024-12-31")),
        "duty_phone": street.phone(),
        "premises": address,
        **place,
    }

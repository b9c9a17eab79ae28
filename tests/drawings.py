"""Drawings to read: DXF written by hand, as surveying offices' programs write it."""

SQUARE = [(0, 0), (10, 0), (10, 10), (0, 10)]
FAR = [(20, 0), (30, 0), (30, 10), (20, 10)]


def entity(kind: str, layer: str, *groups, handle: str = "A1") -> list[str]:
    pairs = [(0, kind), (5, handle), (8, layer), *groups]
    return [line for code, value in pairs for line in (str(code), str(value))]


def ring(points, layer="网格", *groups, handle="A1", flags=1) -> list[str]:
    corners = [group for x, y in points for group in ((10, x), (20, y))]
    head = [(90, len(points)), (70, flags)]
    return entity("LWPOLYLINE", layer, *head, *corners, *groups, handle=handle)


def old_ring(points, layer="网格", *, handle="A1", flags=1, z=0) -> list[str]:
    vertices = [entity("VERTEX", layer, (10, x), (20, y), (30, z)) for x, y in points]
    head = entity("POLYLINE", layer, (66, 1), (10, 0), (20, 0), (30, 0), (70, flags), handle=handle)
    return [*head, *(line for vertex in vertices for line in vertex), "0", "SEQEND", "8", layer]


def label(text: str, x: float, y: float, layer="注记", kind="TEXT", *more) -> list[str]:
    return entity(kind, layer, (10, x), (20, y), (40, 2.5), *more, (1, text))


def block(name: str, *entities, base=(0, 0)) -> list[str]:
    head = entity("BLOCK", "0", (2, name), (70, 0), (10, base[0]), (20, base[1]))
    return [*head, *(line for lines in entities for line in lines), *entity("ENDBLK", "0")]


def insert(name: str, x: float, y: float, *groups, layer="网格", handle="I1") -> list[str]:
    return entity("INSERT", layer, (2, name), (10, x), (20, y), *groups, handle=handle)


def hatch(*paths, layer="网格", style=0, handle="H1", more=()) -> list[str]:
    """Return a hatch; a path is a list of corners (x, y) or (x, y, bulge), or of edges.

    An edge is a mapping, or a list of groups where some repeat.
    """
    groups = [(100, "AcDbHatch"), (10, 0), (20, 0), (30, 0), *more, (2, "SOLID"), (70, 1), (71, 0)]
    groups.append((91, len(paths)))
    for path in paths:
        groups += _edges(path) if isinstance(path[0], dict | list) else _corners(path)
        groups.append((97, 0))
    seeds = [(75, style), (76, 1), (98, 1), (10, 0), (20, 0)]
    return entity("HATCH", layer, *groups, *seeds, handle=handle)


def _corners(path):
    has_bulge = any(len(corner) > 2 for corner in path)
    groups = [(92, 1 | 2), (72, int(has_bulge)), (73, 1), (93, len(path))]
    for x, y, *bulge in path:
        groups += [(10, x), (20, y), *((42, each) for each in bulge)]
    return groups


def _edges(path):
    return [(92, 1), (93, len(path)), *(group for edge in path for group in _groups(edge))]


def _groups(edge):
    return edge.items() if isinstance(edge, dict) else edge


def line(start, end) -> dict:
    return {72: 1, 10: start[0], 20: start[1], 11: end[0], 21: end[1]}


def arc(center, radius, start, end, *, is_left=True) -> dict:
    """Return an edge of a hatch; the angles of one that turns right are counted to the right."""
    return {
        72: 2,
        10: center[0],
        20: center[1],
        40: radius,
        50: start,
        51: end,
        73: int(is_left),
    }


def dxf(
    path,
    *entities,
    version="AC1032",
    page="ANSI_936",
    encoding="utf-8",
    end=True,
    blocks=(),
):
    head = (
        f"0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\n{version}\n9\n$DWGCODEPAGE\n3\n{page}\n0\nENDSEC\n"
    )
    body = "\n".join(line for lines in entities for line in lines)
    tail = "0\nENDSEC\n0\nEOF\n" if end else ""
    head += "0\nSECTION\n2\nBLOCKS\n"
    head += "".join(f"{line}\n" for lines in blocks for line in lines) + "0\nENDSEC\n"
    text = f"{head}0\nSECTION\n2\nENTITIES\n{body}\n{tail}"
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    return path

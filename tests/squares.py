"""Streets of squares by their owners: contents that any hand could have drawn, for random redraws.

The street is that of ``tests.houses``; each square belongs to a grid or to nobody, grids hang below
communities, and every layer above is the union of what hangs below it.
"""

import shapely
from hypothesis import strategies as st

from geo_service.layers.area import area_set
from tests.houses import STEP, square

CELLS = [(column, row) for row in range(2) for column in range(4)]
GRIDS = ["a", "b", "c", "d"]
NO_GRIDS = area_set("grid", codes=[], geometries=[])


def dissolved(cells):
    """Return the union of squares, with a node at every corner of a square on its outline."""
    return shapely.segmentize(shapely.union_all([square(*cell) for cell in cells]), STEP * 1.01)


def layer_of(name, owner_by_cell, parent_by_code):
    codes = sorted(set(owner_by_cell.values()))
    return area_set(
        name,
        codes=codes,
        parents=[parent_by_code.get(code) for code in codes],
        geometries=[
            dissolved([cell for cell, owner in owner_by_cell.items() if owner == code])
            for code in codes
        ],
    )


def content_of(owner_by_cell, parents):
    """Return boundaries of squares by their grid; without grids, the communities decide."""
    content = {}
    owner_by_cell = {cell: owner for cell, owner in owner_by_cell.items() if owner}
    for layer in ("grid", "community", "street", "district"):
        content[layer] = layer_of(layer, owner_by_cell, parents)
        owner_by_cell = {cell: parents.get(code) for cell, code in owner_by_cell.items()}
    return content


START = {cell: GRIDS[cell[0]] for cell in CELLS}
PARENTS = {"a": "x", "b": "x", "c": "y", "d": "y", "x": "s", "y": "t", "s": "p", "t": "q"}

cell_changes = st.dictionaries(
    st.sampled_from(CELLS[1:]), st.sampled_from([None, *GRIDS]), max_size=2
)
parent_changes = st.dictionaries(st.sampled_from(GRIDS), st.sampled_from("xy"), max_size=1)
parent_changes |= st.dictionaries(st.sampled_from("xy"), st.sampled_from("st"), max_size=1)

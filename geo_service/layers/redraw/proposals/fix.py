"""A fix: operations that would put a finding right, ready to be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from geo_service.errors import NO_TITLES, LayerTitles, titled_layer
from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.arcs.edit import Change
from geo_service.layers.redraw.asked.operation import Operation
from geo_service.layers.redraw.buildings.cells import Building
from geo_service.layers.redraw.buildings.known import KnownBuildings
from geo_service.layers.redraw.soundness import Redrawn, together
from geo_service.layers.topology import Defect

Step: TypeAlias = Operation

_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "give_gap": ("把空地划给 {to}{border}", "give the free ground to {to}{border}"),
    "declare_enclave": ("声明为飞地或不归本图层管", "declare it an enclave"),
    "give_part": ("把这一块划给 {to}{border}", "give this part to {to}{border}"),
    "give_parts": ("把零散的各块划给相邻的区域", "give the loose parts to their neighbors"),
    "reparent_children": ("把这一块的下级改归 {to}", "put the areas of this part under {to}"),
    "merge": ("与 {to} 合并{border}", "merge it with {to}{border}"),
    "give_beyond": ("把超出的部分划给 {to}{border}", "give what lies beyond to {to}{border}"),
    "reparent": ("整个改归 {to}", "put it under {to}"),
    "cut_beyond": (
        "沿上级边界切开，外面的部分改归 {to}",
        "cut it along its parent, the rest goes to {to}",
    ),
    "split": ("拆成 {count} 块", "split it into {count}"),
    "split_by_ground": ("按面积拆成 {count} 块", "split it into {count} of about the same ground"),
    "split_by_children": ("按下级区域拆成 {count} 个", "split it into {count} by its children"),
    "go_round": (
        "边界绕开楼栋，把整栋划给 {to}",
        "take the border round it, {to} gets it all",
    ),
    "relist": ("改列入 {to} 的清单，边界不动", "put it on the list of {to}, borders stay"),
    "enlist": ("列入 {to} 的清单", "put it on the list of {to}"),
    "enlist_all": (
        "同一上级内不在任何清单上的 {buildings} 栋，都列入各自所在区域的清单",
        "put all {buildings} below the same parent that are on no list on those where they stand",
    ),
    "strike": ("从 {to} 的清单中删去", "take it off the list of {to}"),
    "strike_all": (
        "同一上级内查无此楼或不止一栋的 {buildings} 处，都从清单中删去",
        "take all {buildings} such words below the same parent off their lists",
    ),
    "name_instead": (
        "在 {to} 的清单中改写为“{named}”",
        "write '{named}' instead on the list of {to}",
    ),
    "move_buildings": ("把楼栋连同周围的地划给 {to}", "give the building and its ground to {to}"),
}

KINDS_OF_FIXES: Final = tuple(_SENTENCES)


@dataclass(frozen=True)
class Fix:
    """What would put a finding right.

    ``to`` are the areas that get something, or whose building lists change, ``border_m`` how long
    the border to the first is. ``buildings`` are those that lists change by, as they name them.
    ``declare_enclave`` has no steps: it is for whoever keeps what holes are meant to be.
    """

    kind: str
    steps: tuple[Step, ...] = ()
    to: tuple[AreaKey, ...] = ()
    border_m: float | None = None
    buildings: tuple[str, ...] = ()

    def apply(self, coverage: Coverage) -> Redrawn:
        """Return the coverage with all steps done, as one operation; errors as of its steps."""
        done: list[Redrawn] = []
        for step in self.steps:
            done.append(step.on(done[-1].coverage if done else coverage))
        return together(coverage, done) if done else Redrawn(coverage, Change())

    def text(self, language: str = "zh", layers: LayerTitles = NO_TITLES) -> str:
        """Return what it does, in ``zh`` or ``en``; layers by their titles in ``layers``."""
        is_english = language == "en"
        border = ""
        if self.border_m is not None:
            length = f"{self.border_m:,.1f} m"
            border = f" (common border {length})" if is_english else f"（共同边界 {length}）"
        told = [f"{titled_layer(key.layer, language, layers)} {key.code}" for key in self.to]
        names = (", " if is_english else "、").join(told)
        return _SENTENCES[self.kind][is_english].format(
            to=names,
            border=border,
            count=len(self.to),
            buildings=len(self.buildings),
            named="".join(self.buildings[:1]),
        )


@dataclass(frozen=True)
class Known:
    """What fixes may need to know beside the coverage; what is missing is done without.

    ``schemes`` and ``taken`` are the code scheme, and codes that were in use once, by layer.
    ``figures`` are what areas have by measure and key; ``weights`` what stands where, by measure:
    places ``(n, 2)`` and weights ``(n,)``. ``buildings`` are those near a finding, ``every`` all
    there are; ``beside`` what the check asks about building lists below the same parent. All in the
    frame of the coverage.
    """

    schemes: Mapping[str, Sequence[int]] = field(default_factory=dict)
    taken: Mapping[str, Sequence[str]] = field(default_factory=dict)
    figures: Mapping[str, Mapping[AreaKey, float]] = field(default_factory=dict)
    weights: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    buildings: Sequence[Building] = ()
    every: KnownBuildings = field(default_factory=KnownBuildings)
    beside: Sequence[Defect] = ()

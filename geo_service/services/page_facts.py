"""What the operator decides about every page, and the lines every page carries."""

from dataclasses import dataclass
from pathlib import Path

from geo_service.layers.area import AreaSet

FICTIONAL_PREFIX = "999"
"""No real division's code starts with it; a house whose roots all do holds made-up data."""

_NO_ACCESS_CONTROL = {
    "zh": "演示模式·未启用权限·请勿录入真实数据",
    "en": "No access control yet: do not enter real data",
}


@dataclass(frozen=True)
class PageFacts:
    """Settings that show on pages, and where their assets are."""

    static_folder: Path = Path("static")
    map_unit: str = ""
    review_number: str = ""
    secrecy_notice: str = ""

    def notices(self, language: str) -> list[str]:
        """Return the lines that every page, print and export carries."""
        lines = (_NO_ACCESS_CONTROL[language], self.secrecy_notice)
        return [line for line in lines if line]


def is_fictional(root: AreaSet) -> bool:
    """Tell whether all areas of a root layer are made up."""
    return len(root) > 0 and all(code.startswith(FICTIONAL_PREFIX) for code in root.codes)

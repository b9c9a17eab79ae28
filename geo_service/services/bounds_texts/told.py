"""四至 of one area as they are told, and what a person may write instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import shapely

from geo_service.analysis.bounds_text import LONGEST_EN, LONGEST_ZH
from geo_service.errors import InvalidValue
from geo_service.governance.personal import kept_text
from geo_service.layers.layer import Layer
from geo_service.services.bounds_texts.standing import Standing, standing_of
from geo_service.services.callers import Caller
from geo_service.storage.bounds_texts import BoundsTextRow


@dataclass(frozen=True)
class BoundsText:
    """A text that a person writes; without an English one that is generated."""

    zh: str
    en: str | None = None

    def checked(self) -> "BoundsText":
        """Return it as it is kept.

        Raises
        ------
        InvalidValue, RefusedValue
            No Chinese text, one that is too long, or with characters or numbers not to be kept.
        """
        zh = kept_text("zh", self.zh, longest=LONGEST_ZH)
        if not zh:
            raise InvalidValue(
                "zh",
                f"四至的中文文字，1 到 {LONGEST_ZH} 字；要用自动生成的请恢复自动",
                f"the text in Chinese, 1 to {LONGEST_ZH} characters; or the generated again",
            )
        return BoundsText(zh, kept_text("en", self.en or "", longest=LONGEST_EN) or None)


@dataclass(frozen=True, eq=False)
class WrittenTexts:
    """All that people wrote of one area, the first first, and its outline in degrees.

    ``version`` is another one where anything of it may be other.
    """

    layer: str
    code: str
    edition: int
    outline: shapely.Geometry
    rows: Sequence[BoundsTextRow]
    version: str

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the outline, in degrees."""
        west, south, east, north = shapely.bounds(self.outline).tolist()
        return west, south, east, north

    @cached_property
    def standing(self) -> Standing:
        """Which of them stands for the outline."""
        return standing_of(self.rows, self.outline)

    def is_other(self, text: BoundsText | None) -> bool:
        """Tell whether something else stands than a text; None is the generated one."""
        entered = self.standing.entered
        if text is None or entered is None:
            return (text is None) != (entered is None)
        return (entered.zh, entered.en) != (text.zh, text.en)

    def row(self, text: BoundsText | None, caller: Caller, now_s: int) -> BoundsTextRow:
        """Return a text for the outline as it is written now in the edition, None to take it back.

        In a draft it is given the draft's number and revision instead of the edition.
        """
        return BoundsTextRow(
            id=0,
            layer=self.layer,
            code=self.code,
            outline=shapely.to_wkb(self.outline),
            zh=text.zh if text else None,
            en=text.en if text else None,
            draft_id=None,
            revision=None,
            edition=self.edition,
            known_from_s=now_s,
            recorded_at_s=now_s,
            recorded_by=caller.name,
        )


@dataclass(frozen=True, eq=False)
class AreaBoundsText:
    """四至 of one area: what people wrote, and by language what is generated."""

    written: WrittenTexts
    generated: Mapping[str, str]

    def text(self, language: str) -> str:
        """Return the text that stands; in a language that nobody wrote it is the generated one."""
        return self.written.standing.text(language) or self.generated[language]


def refuse_line(layer: Layer) -> None:
    """Raise InvalidValue where a layer has lines, which have no sides."""
    if layer.geometry == "line":
        raise InvalidValue(
            "layer",
            f"面状图层（{layer.title_zh} 是线状图层，没有四至）",
            f"a layer of polygons ({layer.title_en} has lines, and a line has no sides)",
        )

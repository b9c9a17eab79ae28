"""Why a person says whose an issue is, where the place alone does not, or says otherwise."""

from geo_service.errors import InvalidValue
from geo_service.governance.handling.facts import read_text, word_among
from geo_service.governance.word import Word

RULING = "ruling"

REASONS = (
    Word("checked", "现场核实", "checked on site", ("现场查看",)),
    Word("building", "按门牌或建筑判断", "by door plate or building", ("按门牌", "按建筑")),
    Word("agreed", "相邻网格商定", "agreed between neighbors", ("双方商定", "双方认领")),
    Word("practice", "历来由其办理", "theirs as a matter of practice", ("惯例",)),
    Word(RULING, "值班长裁定", "ruled by the shift leader", ("裁定",)),
)
"""A closed list: what is asked for again and again is a case for an agreement of the border."""


def reason_title(name: str, language: str) -> str:
    """Return a reason in ``zh`` or ``en``."""
    return next(word for word in REASONS if word.name == name).title(language)


def read_reason(reason: str, cites: str | None) -> tuple[str, str | None]:
    """Return the name of a reason, and what it cites.

    Raises
    ------
    InvalidValue
        An unknown reason, a text too long, or a ruling that cites nothing.
    """
    name = word_among("reason", reason, REASONS)
    if cites is None and name == RULING:
        raise InvalidValue(
            "cites",
            "裁定所依据的条款或文号",
            "the clause or document that the ruling rests on",
        )
    return name, None if cites is None else read_text("cites", cites)

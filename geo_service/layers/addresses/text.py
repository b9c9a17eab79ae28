"""Text without what says nothing about a place: width, case, blanks, old forms, kinds of dashes."""

import re
import unicodedata

_ONE_FORM = str.maketrans(
    {
        **dict.fromkeys("—–―‐‑−", "-"),
        **dict.fromkeys("〜∼", "~"),
        "號": "号",
        "樓": "楼",
        "棟": "栋",
        "衖": "弄",
        **dict.fromkeys("【〔〈《「[{", "("),
        **dict.fromkeys("】〕〉》」]}", ")"),
        **dict.fromkeys("。;!?|", ","),
    }
)
_OTHER_FORM = re.compile(f"[{re.escape(''.join(map(chr, _ONE_FORM)))}]")
_STRETCH = re.compile(r"(?<=[0-9号])至(?=[0-9])")


def plain(text: str) -> str:
    """Return a text in one form: half-width, lower case, no blanks, one kind of dash and bracket.

    Every mark that ends a sentence is a comma, and so is the end of a line.
    """
    one = _normal(_normal(text.replace("\n", ",")).casefold())
    if _OTHER_FORM.search(one):  # translating takes longer than all the rest
        one = one.translate(_ONE_FORM)
    return _STRETCH.sub("~", "".join(one.split()))


def _normal(text: str) -> str:
    is_normal = unicodedata.is_normalized("NFKC", text)
    return text if is_normal else unicodedata.normalize("NFKC", text)

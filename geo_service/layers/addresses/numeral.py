"""Chinese numerals, as they stand before 弄, 号 and 幢: 八十八, 一百零三, 三〇五, 廿三."""

from itertools import pairwise

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_TENS = {"廿": 20, "卅": 30}
_TEN = 10
NUMERALS = "".join((*_DIGITS, *_UNITS, *_TENS))


def numeral_value(text: str) -> int | None:
    """Return what a numeral counts, None where it is none, or where it could mean two numbers.

    Digits one after another are read as they stand (三〇五 is 305). 一百二 is said for 120 and
    written for 102: nobody can tell, so it is no number.
    """
    if not text or any(each not in NUMERALS for each in text):
        return None
    if all(each in _DIGITS for each in text):
        return int("".join(str(_DIGITS[each]) for each in text))
    return _counted(text)


def _counted(text: str) -> int | None:
    """Return the sum of digits times units, from the highest unit down."""
    total, digit, last_unit = 0, 0, _UNITS["千"] * _TEN
    for each in text:
        if each in _DIGITS:
            digit = _DIGITS[each]
            continue
        unit = _UNITS.get(each, _TEN)
        if unit >= last_unit:
            return None
        total += _TENS.get(each, (digit or 1) * unit)
        digit, last_unit = 0, unit
    return None if _is_unclear(text, last_unit) else total + digit


def _is_unclear(text: str, last_unit: int) -> bool:
    """Tell whether digits stand side by side, a unit has none, or the last one no unit."""
    for one, other in pairwise(text):
        if one in _DIGITS and (other in _DIGITS) != (_DIGITS[one] == 0):
            return True
        if other in _TENS or (one in _UNITS and other in _UNITS and other != "十"):
            return True
    ends_in_digit = text[-1] in _DIGITS and _DIGITS.get(text[-2]) != 0
    return last_unit > _TEN and ends_in_digit

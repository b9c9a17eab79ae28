"""Rows of registers: whatever the cells hold, an entry or a reason comes of it."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from geo_service.governance.issue import RowError
from geo_service.governance.organisations.reading import read_activity, read_entry
from geo_service.governance.organisations.register import REGISTERS, Activity, Entry
from geo_service.governance.profile import shipped_profile

RULES = shipped_profile("generic").organisations
NOW = datetime(2026, 11, 21, tzinfo=UTC)
FIELDS = sorted(
    {"code", "name", "kind", "layer", "area", "area:grid", "x", "y", "frame", "from", "founded"}
    | {"dissolved", "held_on", "organisation"}
    | {field for register in REGISTERS.values() for field in register.details}
)
cells = (
    st.none()
    | st.booleans()
    | st.integers(-5, 10**17)
    | st.floats()
    | st.text(max_size=12)
    | st.dates(date(1900, 1, 1), date(2300, 1, 1))
    | st.datetimes()
    | st.lists(st.none() | st.text(max_size=3) | st.integers() | st.just({}), max_size=3)
    | st.sampled_from(["党支部", "物业", "互助站", "联合", "grid", "2026-01-05", "2016.09", "<3"])
)
likely = {"code": "A1", "name": "甲", "kind": "党支部", "layer": "grid", "area": "G1"}


@given(
    st.sampled_from(sorted(REGISTERS)),
    st.dictionaries(st.sampled_from(FIELDS), cells, max_size=6),
    st.booleans(),
)
def test_any_row_is_an_entry_or_a_reason(register, drawn, is_likely):
    row = {**likely, **drawn} if is_likely else drawn

    found = read_entry(
        register, row, rules=RULES, layers=["street", "grid"], now=NOW, default_frame=None
    )

    if isinstance(found, RowError):
        assert found.field
        assert found.reason_zh
        assert found.reason_en
        return
    assert isinstance(found, Entry)
    assert found.code
    assert found.name
    assert found.layer or not found.areas
    assert (found.x is None) == (found.y is None) == (found.source_frame is None)
    assert all(value is not None for value in found.details.values())
    assert set(found.details) <= set(REGISTERS[register].details)


@given(st.dictionaries(st.sampled_from(["organisation", "held_on", "kind"]), cells))
def test_any_row_is_an_activity_or_a_reason(row):
    found = read_activity(row, rules=RULES, now=NOW)

    assert isinstance(found, Activity | RowError)

"""Many reports at once say what each of them says alone."""

import pytest

from geo_service.governance.issue import content_hash
from geo_service.governance.reports.columns import ReportColumns
from geo_service.governance.reports.fingerprints import content_hashes
from geo_service.governance.reports.reading import read_reports
from tests.unit.test_issue import NOW, PROFILE, ROW, read

ODD_CELLS = [
    {},
    {"title": " 乱停车 ", "address": "示例路88弄3号", "category_major": "违停"},
    {"category_minor": 7, "status": "已办结", "closed_at": "2026/1/6"},
    {"status": "处理中", "closed_at": "2026/1/6"},
    {"closed_at": "2026/1/4"},
    {"x": None, "y": None, "frame": None},
    {"x": 0, "y": 0},
    {"x": None},
    {"frame": None},
    {"x": 31.2, "y": 121.4},
    {"x": 351_000.0, "y": 3_456_000.0, "frame": "EPSG:4549"},
    {"accuracy_m": 6_000},
    {"accuracy_m": 30, "resolved": "是"},
    {"external_id": None},
    {"reported_at": ""},
    {"source": "无人知晓"},
]


def test_many_rows_are_read_as_each_of_them_alone():
    rows = [ROW | cells for cells in ODD_CELLS]
    how = {"profile": PROFILE, "now": NOW, "default_source": None, "default_frame": None}

    assert read_reports(rows, **how) == [read(**cells) for cells in ODD_CELLS]
    assert read_reports(rows[:1] * 5, **how) == [read()] * 5
    numbered = [ROW | {"external_id": each} for each in (7.0, "3.10E+14", "8", "9", "10")]
    alone = [read(external_id=each["external_id"]) for each in numbered]
    assert read_reports(numbered, **how) == alone


@pytest.mark.parametrize("cells", [{}, {"x": "1e-7", "y": "0.00001"}, {"resolved": "是"}])
def test_many_reports_have_the_hashes_of_each_alone(cells):
    told = [read(external_id=f"GD{i}", **cells) for i in range(6)]

    assert content_hashes(ReportColumns(told)) == [content_hash(each) for each in told]

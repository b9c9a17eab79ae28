"""Turns files into values and values into files; the one room of the ground that touches disk.

GDAL and openpyxl cost seconds to import, so the modules load them where they first need them.
"""

from geo_service.layers.files.delimited import RowProblem
from geo_service.layers.files.disk import file_hash, told_as_unwritable, writing_aside
from geo_service.layers.files.feature_layer import FeatureLayer
from geo_service.layers.files.feature_table import FeatureTable, as_code, check_codes
from geo_service.layers.files.features.sink import write_features, write_layers
from geo_service.layers.files.features.source import list_tables, read_features
from geo_service.layers.files.table_writer import (
    Sheet,
    csv_chunks,
    ndjson_chunks,
    write_csv,
    write_ndjson,
    write_workbook,
    write_xlsx,
)
from geo_service.layers.files.tables import Row, Rows, read_rows

__all__ = [
    "FeatureLayer",
    "FeatureTable",
    "Row",
    "RowProblem",
    "Rows",
    "Sheet",
    "as_code",
    "check_codes",
    "csv_chunks",
    "file_hash",
    "list_tables",
    "ndjson_chunks",
    "read_features",
    "read_rows",
    "told_as_unwritable",
    "write_csv",
    "write_features",
    "write_layers",
    "write_ndjson",
    "write_workbook",
    "write_xlsx",
    "writing_aside",
]

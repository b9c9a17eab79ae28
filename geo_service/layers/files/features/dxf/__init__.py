"""DXF in: closed polylines and hatches become areas, texts inside them their code and name.

References
----------
Autodesk, DXF Reference, "About Group Codes", "BLOCKS Section" and "ENTITIES Section".
"""

from geo_service.layers.files.features.dxf.reader import drawn_layer, dxf_tables, read_dxf

__all__ = ["drawn_layer", "dxf_tables", "read_dxf"]

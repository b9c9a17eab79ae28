"""网格调整: what the editions of a period changed, as a workbook and on sheets to be posted."""

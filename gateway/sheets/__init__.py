"""Tables that people fill in: workbooks and CSV, every fault named by sheet, row and column."""

from gateway.sheets.table import Fault, Row, SheetError, Table, refuse

__all__ = ["Fault", "Row", "SheetError", "Table", "refuse"]

"""The catalogue as a workbook, for the person in the county who fills it in.

Sheets: catalogue (dates, approver), items, codes, prices, parts. Headings are Chinese with the
English key that counts. docs/reference/catalogue.md explains each column.
"""

from collections.abc import Container, Mapping
from typing import Final

from gateway.recognition.catalogue.cells import CellError, day, flag, write_money, write_span
from gateway.recognition.catalogue.model import Catalogue, Item
from gateway.recognition.catalogue.rows import COLUMNS, WINDOW, items_of
from gateway.sheets import Fault, Row, Table, refuse, workbook
from gateway.sheets.workbook import Sheet
from mappers.names import item_system

TITLES: Final = {
    "catalogue": "目录 catalogue",
    "items": "项目 items",
    "codes": "院区编码 codes",
    "prices": "价格 prices",
    "parts": "组合 parts",
}
HEAD: Final = ("effective_from", "effective_to", "approver", "source", "defaults")
HEADINGS: Final = {
    "code": "项目代码", "name": "名称", "name_en": "英文名", "category": "类别", "loinc": "",
    "modality": "检查设备", "body_site": "部位", "laterality": "侧别", "technique": "方法",
    "specimens": "标本", "fasting": "空腹", "unit": "单位(UCUM)", "comparable": "可比组",
    "anchor": "起算时间", "volatility": "变化快慢", "window": "门诊有效期",
    "window_inpatient": "住院有效期", "window_emergency": "急诊有效期", "window_icu": "重症有效期",
    "window_pregnancy": "妊娠有效期", "window_child": "14岁以下有效期",
    "window_chemotherapy": "化疗有效期", "window_post-operative": "术后有效期",
    "scopes": "互认范围", "quality": "质控要求", "quality_days": "质控证据天数",
    "images": "需原始图像", "sensitivity": "敏感类别", "negative": "负面清单依据",
    "retest": "须复查依据", "analyte": "危急值组", "effective_from": "生效日",
    "effective_to": "失效日", "item": "项目代码", "campus": "院区代码", "system": "编码系统",
    "price": "价格(元)", "panel": "组合代码", "part": "组成项目代码", "approver": "批准人",
    "source": "来源说明", "defaults": "未批准的建议值",
}  # fmt: skip
YES: Final = {True: "yes", False: ""}


def heading(column: str) -> str:
    """Return what stands above a column."""
    return f"{HEADINGS[column]} {column}".strip()


def write(catalogue: Catalogue) -> bytes:
    """Return the workbook of a version."""
    rows = {
        "catalogue": [[_head(catalogue)[column] for column in HEAD]],
        "items": [list(cells(item).values()) for item in catalogue.items],
        "codes": [row for item in catalogue.items for row in _codes(item)],
        "prices": [
            [item.code, campus, write_money(fen)]
            for item in catalogue.items
            for campus, fen in item.prices.items()
        ],
        "parts": [[item.code, part] for item in catalogue.items for part in item.parts],
    }
    columns = {"catalogue": HEAD, **COLUMNS}
    return workbook.write(
        [Sheet(TITLES[name], [*map(heading, columns[name])], rows[name]) for name in TITLES]
    )


def _head(catalogue: Catalogue) -> dict[str, str]:
    return {
        "effective_from": catalogue.effective_from,
        "effective_to": catalogue.effective_to,
        "approver": catalogue.approver,
        "source": catalogue.source,
        "defaults": YES[catalogue.defaults],
    }


def cells(item: Item) -> dict[str, str]:
    """Return what stands in the columns of an item's row."""
    found = {}
    for column in COLUMNS["items"]:
        if column.startswith(WINDOW):
            state = column.removeprefix(WINDOW).removeprefix("_")
            found[column] = write_span(item.windows[state]) if state in item.windows else ""
        else:
            found[column] = _cell(getattr(item, column))
    return found


def _cell(value: str | int | tuple[str, ...]) -> str:
    if isinstance(value, bool):
        return YES[value]
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _codes(item: Item) -> list[list[str]]:
    """Return rows of an item's codes: by campus where they are of a campus's own list."""
    rows = []
    for code in item.codes:
        campus = code.system.removeprefix("urn:hutong:").removesuffix(":item")
        if item_system(campus) == code.system:
            rows.append([item.code, campus, "", code.code])
        else:
            rows.append([item.code, "", code.system, code.code])
    return rows


def read(body: bytes, campuses: Container[str] | None = None) -> Catalogue:
    """Return the catalogue of a workbook, version 0; SheetError names all that is wrong."""
    tables = workbook.read(body)
    faults = [
        Fault(name, 0, "", "This sheet is not known.") for name in tables if name not in TITLES
    ]
    if "items" not in tables:
        faults.append(Fault("items", 0, "", "This sheet is missing."))
    refuse(faults)
    head = _read_head(tables, faults)
    items = items_of(tables, campuses, faults)
    return Catalogue(
        version=0,
        effective_from=head["effective_from"],
        effective_to=head["effective_to"],
        approver=head["approver"],
        source=head["source"],
        defaults=head["defaults"] == "yes",
        items=items,
    )


def _read_head(tables: Mapping[str, Table], faults: list[Fault]) -> Mapping[str, str]:
    table = tables.get("catalogue")
    rows = table.rows if table else ()
    if len(rows) > 1:
        faults.append(rows[1].fault("", "A catalogue has one row here."))
    row = rows[0] if rows else Row("catalogue", 2, {})
    found = {column: row[column] for column in HEAD}
    for column in ("effective_from", "effective_to"):
        if found[column]:
            try:
                found[column] = day(found[column])
            except CellError as error:
                faults.append(row.fault(column, str(error)))
    try:
        found["defaults"] = YES[flag(found["defaults"])] if found["defaults"] else ""
    except CellError as error:
        faults.append(row.fault("defaults", str(error)))
    return found

"""The committed table of expected outcomes, file by file, each on an empty store."""

import asyncio
import csv
import shutil
import socket
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.dicom.listener import Limits, Listener
from adapters.dicom.part10 import read_meta
from adapters.dicom.window import Window
from tests.gateway.imaging.archive import address
from tests.gateway.imaging.samples import data_set
from tests.tools import ROOT, SHARED, free_port
from tests.waiting import until

FILES = SHARED / "data" / "dicom"
with (ROOT / "tests" / "outcomes" / "dicom.tsv").open(encoding="utf-8") as table:
    ROWS = list(csv.DictReader(table, delimiter="\t"))
SENT = [row for row in ROWS if row["storescu"] != "not sent"]
BOUNDARY = "a-boundary"
KIND = f'multipart/related; type="application/dicom"; boundary="{BOUNDARY}"'
OPTIONS = {
    "1.2.840.10008.1.2.1.99": "-xd",
    "1.2.840.10008.1.2.4.50": "-xy",
    "1.2.840.10008.1.2.4.51": "-xx",
    "1.2.840.10008.1.2.4.70": "-xs",
    "1.2.840.10008.1.2.4.80": "-xt",
    "1.2.840.10008.1.2.4.81": "-xu",
    "1.2.840.10008.1.2.4.90": "-xv",
    "1.2.840.10008.1.2.5": "-xr",
}
"""How storescu is told to propose a transfer syntax."""


def ids(row):
    return row["file"]


async def told(archive):
    """What stands in the store, in the words of the table."""
    studies = await archive.all("ImagingStudy")
    if not studies:
        return None
    (study,), (patient,) = studies, await archive.all("Patient")
    (series,) = study["series"]
    (instance,) = series["instance"]
    numbers = {one["system"]: one["value"] for one in study["identifier"]}
    own = [one for one in patient["identifier"] if one["system"] == "urn:hutong:B:pid"]
    return {
        "study": numbers["urn:dicom:uid"].removeprefix("urn:oid:"),
        "series": series["uid"],
        "sop-class": instance["sopClass"]["code"].removeprefix("urn:oid:"),
        "sop-instance": instance["uid"],
        "patient": own[0]["value"] if own else "-",
        "name": patient.get("name", [{}])[0].get("text", ""),
        "accession": numbers.get("urn:hutong:B:accession", ""),
    }


def expected(row):
    names = ("study", "series", "sop-class", "sop-instance", "patient", "name", "accession")
    return {name: row[name] for name in names}


@pytest.mark.needs("shared data")
@pytest.mark.parametrize("row", ROWS, ids=ids)
async def test_by_stow_each_file_has_the_outcome_that_the_table_says(archive, row):
    data = (FILES / row["file"]).read_bytes()
    body = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    body += data + f"\r\n--{BOUNDARY}--\r\n".encode()
    async with archive.web() as web:
        answer = await web.post("/studies", content=body, headers={"Content-Type": KIND})
        assert answer.status_code == int(row["stow"])
        if row["code"]:
            ((failed,), *_) = [answer.json()["00081198"]["Value"]]
            assert failed["00081197"]["Value"] == [int(row["code"], 16)]
            assert archive.held() == [("dicom", row["reason"])]
            return
        await archive.keeper.drain()
        assert await told(archive) == expected(row)
        got = await web.get(address(data), headers={"Accept": "application/dicom"})
        assert data_set(got.content) == data_set(data)
        assert "meta-added" in row["notes"] or got.content == data


@asynccontextmanager
async def listening(archive):
    """The port of a listener whose objects the archive takes."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        bound.settimeout(0)
        listener = Listener(archive.sink, ae_title="HUTONG", limits=Limits(grace_seconds=1))
        task = asyncio.create_task(listener.run(bound))
        yield bound.getsockname()[1]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def dcmtk(name):
    """A program of DCMTK; pynetdicom has some of the same name."""
    return str(Path(shutil.which("dcmdump")).parent / name)


async def as_sent(folder, path, *options):
    """What DCMTK's own archive writes, bit for bit, of what storescu makes of a file."""
    port = free_port()
    receiver = await asyncio.create_subprocess_exec(
        *(dcmtk("storescp"), "+B", "-pm", "+xa", "-od", str(folder), str(port))
    )
    try:

        async def sent():
            return "0x0000" in await storescu(port, path, *options)

        await until(sent)
    finally:
        receiver.terminate()
        await receiver.wait()
    (written,) = folder.iterdir()
    return written.read_bytes()


async def storescu(port, path, *options):
    process = await asyncio.create_subprocess_exec(
        dcmtk("storescu"),
        *("-d", "-R", *options, "-aet", "CT-B", "-aec", "HUTONG", "127.0.0.1", str(port)),
        str(path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return said.decode(errors="replace").lower()


@pytest.mark.needs("shared data", "dcmtk")
@pytest.mark.parametrize("row", SENT, ids=ids)
async def test_by_storescu_each_file_has_the_outcome_that_the_table_says(archive, row, tmp_path):
    path = FILES / row["file"]
    options = [one for one in (OPTIONS.get(syntax_of(path)),) if one]
    async with listening(archive) as port:
        said = await storescu(port, path, *options)
    if row["storescu"] != "0000":
        assert f"0x{row['storescu'].lower()}" in said
        assert archive.held() == [("dicom", row["reason"])]
        return
    assert "0x0000" in said
    await archive.keeper.drain()
    assert await told(archive) == expected(row)
    async with archive.web() as web:
        got = await web.get(address(path.read_bytes()), headers={"Accept": "application/dicom"})
    (tmp_path / "other").mkdir()
    assert data_set(got.content) == data_set(await as_sent(tmp_path / "other", path, *options))


def syntax_of(path):
    data = path.read_bytes()
    return read_meta(Window(lambda at, n: data[at : at + n], len(data))).transfer_syntax_uid

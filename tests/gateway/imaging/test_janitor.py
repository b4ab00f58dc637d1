"""Files that belong to nothing go; all others stay."""

import os

from gateway.imaging.janitor import AGE, Janitor
from gateway.store.verify import verify
from tests.gateway.imaging.samples import image


async def orphan(archive):
    incoming = archive.objects.begin()
    incoming.write(b"nobody's")
    return await archive.objects.keep(incoming)


def age(folder):
    for path in folder.glob("data*/objects/*/*/*"):
        os.utime(path, (1, 1))


async def test_what_belongs_to_nothing_is_removed_when_it_is_old(archive, tmp_path):
    await archive.send(image(1))
    await archive.send(b"refused")
    lost = await orphan(archive)
    janitor = Janitor(archive.door, archive.objects)
    assert AGE > 60
    assert sum([await janitor.clean(first) for first in range(256)]) == 0
    age(tmp_path)
    assert sum([await janitor.clean(first) for first in range(256)]) == 1
    left = set(archive.objects.digests())
    assert lost not in left
    assert len(left) == 2


async def test_an_object_whose_file_is_gone_is_found_by_verify(archive, tmp_path):
    await archive.send(image(1))
    (digest,) = archive.objects.digests()
    folder = tmp_path / "data0"
    assert not verify(folder).total
    archive.objects.delete(digest)
    (finding,) = verify(folder).findings
    assert finding.text == "its file is missing"

"""The README's pictures are those that `tools/screenshots.py` takes."""

from __future__ import annotations

import re
import struct

import pytest

from bot.settings import ROOT
from tools.screenshots import FOLDER, PICTURES, Picture


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_every_picture_is_shown(page: str) -> None:
    shown = re.findall(r"!\[[^\]]+\]\(docs/images/([\w-]+)\.png\)", (ROOT / page).read_text(encoding="utf8"))
    desk = [name for name in shown if name.startswith("desk-")]  # of `tools.desk_pictures`
    assert sorted(set(shown) - set(desk)) == sorted(picture.name for picture in PICTURES)
    assert all((FOLDER / f"{name}.png").is_file() for name in desk)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_has_the_size_of_its_window(picture: Picture) -> None:
    head = (FOLDER / f"{picture.name}.png").read_bytes()[:24]
    assert struct.unpack(">II", head[16:]) == (picture.width, picture.height)

"""Comments that speak against a result, and words that only look like it."""

import pytest

from gateway.recognition.signs import signs


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("标本溶血", "haemolysis"),
        ("溶血(+)", "haemolysis"),
        ("标本轻度溶血，请结合临床", "haemolysis"),
        ("hemolyzed specimen", "haemolysis"),
        ("Haemolysis 2+", "haemolysis"),
        ("重度脂血", "lipaemia"),
        ("乳糜血", "lipaemia"),
        ("血液有凝块", "clot"),
        ("标本凝固", "clot"),
        ("Specimen clotted", "clot"),
        ("无法检测：标本溶血", "haemolysis"),
        ("无脂血，标本溶血", "haemolysis"),
        ("标本量不足", "insufficient"),
        ("标本不合格", "rejected"),
        ("标本污染", "contaminated"),
    ],
)
def test_a_sign_is_found(text, sign):
    assert signs(text) == (sign,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "未见溶血",
        "无溶血",
        "溶血(-)",
        "溶血：无",
        "未见明显溶血",
        "抗链球菌溶血素O升高",
        "溶血性链球菌",
        "B群β溶血链球菌",
        "凝血功能正常",
        "凝固时间延长",
        "No hemolysis",
        "标本无溶血、脂血、黄疸",
        "未见溶血及凝块",
        "specimen not haemolysed",
        "已复查",
    ],
)
def test_what_is_no_sign(text):
    assert signs(text) == ()

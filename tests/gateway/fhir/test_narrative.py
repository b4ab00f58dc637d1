import pytest

from gateway.fhir.narrative import is_sound

XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'


@pytest.mark.parametrize(
    "div",
    [
        f"<div {XHTML}>told</div>",
        f"<div {XHTML}><p>a &amp; b &#160;</p></div>",
        f'<div {XHTML}><img src="x.png" alt="x"/></div>',
        f'<div {XHTML}><a href="#x" title="y">z</a></div>',
    ],
)
def test_a_narrative_is_sound(div):
    assert is_sound(div)


@pytest.mark.parametrize(
    "div",
    [
        "told",
        "<p>told</p>",
        "<div>told</div>",
        '<div xmlns="http://hl7.org/fhir">told</div>',
        f"<div {XHTML}> </div>",
        f"<div {XHTML}>told",
        f"<div {XHTML}><script>1</script></div>",
        f'<div {XHTML}><p onclick="x">told</p></div>',
        '<!DOCTYPE div [<!ENTITY a "b">]><div>&a;<iframe/></div>',
    ],
)
def test_a_narrative_is_not_sound(div):
    assert not is_sound(div)

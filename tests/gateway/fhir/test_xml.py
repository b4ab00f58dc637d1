"""XML: every official example goes over and back; what is hostile is refused."""

from xml.etree import ElementTree as ET

import pytest

from gateway.errors import InvalidResourceError
from gateway.fhir import xml
from gateway.fhir.codec import decode_exact, encode, same

HEAD = '<Patient xmlns="http://hl7.org/fhir">'


@pytest.mark.needs("shared data")
def test_every_official_example_goes_over_and_back(shared):
    paths = sorted((shared / "data" / "fhir-r4" / "examples").glob("*.json"))
    assert len(paths) == 706
    for path in paths:
        sent = decode_exact(path.read_bytes())
        back = decode_exact(encode(xml.decode(xml.encode(sent))))
        assert same(sent, back), path.name


def test_elements_stand_in_the_order_of_their_definition():
    told = xml.encode(
        {
            "birthDate": "1950-01-01",
            "_birthDate": {"id": "b", "extension": [{"valueDecimal": 1, "url": "urn:x"}]},
            "name": [{"given": [None, "秀"], "_given": [{"id": "g"}], "family": "王 & <\n>"}],
            "id": "p1",
            "resourceType": "Patient",
            "active": True,
        }
    ).decode()
    assert told == (
        '<?xml version="1.0" encoding="UTF-8"?><Patient xmlns="http://hl7.org/fhir">'
        '<id value="p1"/><active value="true"/><name><family value="王 &amp; &lt;&#10;&gt;"/>'
        '<given id="g"/><given value="秀"/></name><birthDate id="b" value="1950-01-01">'
        '<extension url="urn:x"><valueDecimal value="1"/></extension></birthDate></Patient>'
    )


@pytest.mark.parametrize("digits", ["1.00", "1.0E3", "-0", "0.10", "100000000000000000000"])
def test_a_decimal_keeps_its_digits(digits):
    body = f'{{"resourceType":"Observation","valueQuantity":{{"value":{digits}}}}}'.encode()
    assert encode(xml.decode(xml.encode(decode_exact(body)))) == encode(decode_exact(body))
    told = xml.decode(
        f'<Observation xmlns="http://hl7.org/fhir"><valueQuantity><value value="{digits}"/>'
        "</valueQuantity></Observation>".encode()
    )
    assert digits in encode(told).decode()


def test_a_narrative_goes_over_as_it_was_written():
    div = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p class='x'>a &amp; b<br/>\r\n </p></div>"
    sent = {"resourceType": "Patient", "text": {"status": "generated", "div": div}}
    assert xml.decode(xml.encode(sent)) == sent
    named = {"resourceType": "Patient", "text": {"div": div.replace("&amp;", "&nbsp;&copy;&lt;")}}
    assert xml.decode(xml.encode(named))["text"]["div"] == div.replace("&amp;", "\xa0©&lt;")
    empty = '<div xmlns="http://www.w3.org/1999/xhtml"/>'
    sent["text"]["div"] = empty
    assert xml.decode(xml.encode(sent)) == sent


@pytest.mark.parametrize(
    "div",
    [
        "plain",
        " <p>a</p>",
        "<div>a</div><div>b</div>",
        "<div>a<br></div>",
        "<div>&LT;b></div>",
        "<div>&bogus;</div>",
        "<div>&#x1;\x01</div>",
        '<div x:a="b">a</div>',
        '<div xmlns="urn:other">a</div>',
        "<!DOCTYPE a><div>a</div>",
        '<?xml version="1.0"?><div>a</div>',
        '<div>a</div></text><active value="true"/><text>',
        '<div xmlns="http://www.w3.org/1999/xhtml">a</div></text></Patient><Patient>',
    ],
)
def test_a_text_that_is_no_xhtml_adds_nothing_to_the_document(div):
    sent = {"resourceType": "Patient", "text": {"status": "generated", "div": div}}
    back = xml.decode(xml.encode(sent))
    assert back.keys() == sent.keys()
    assert back["text"].keys() == sent["text"].keys()
    read = ET.fromstring(back["text"]["div"])  # noqa: S314 - it was made here
    assert read.tag == "{http://www.w3.org/1999/xhtml}div"
    if div != "<div>&LT;b></div>":
        assert list(read) == []
        assert read.text == div.replace("\x01", "\ufffd")


def test_a_narrative_without_its_namespace_is_given_it():
    sent = {"resourceType": "Patient", "text": {"div": "<div class='x'>a <b>b</b></div>"}}
    told = xml.decode(xml.encode(sent))["text"]["div"]
    assert told == "<div xmlns=\"http://www.w3.org/1999/xhtml\" class='x'>a <b>b</b></div>"


def test_what_xml_cannot_hold_is_replaced():
    told = xml.encode({"resourceType": "Patient", "id": "a\x01"})
    assert xml.decode(told)["id"] == "a\ufffd"


LAUGHS = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<",
        "plain",
        HEAD,
        f"{HEAD}</Person>",
        "<Patient/>",
        '<Patient xmlns="urn:other"/>',
        '<Colour xmlns="http://hl7.org/fhir"/>',
        f"{LAUGHS}{HEAD}<id value='&b;'/></Patient>",
        f'<!DOCTYPE x SYSTEM "file:///etc/passwd">{HEAD}</Patient>',
        f"{HEAD}<id value='&x;'/></Patient>",
        f"{HEAD}<colour value='1'/></Patient>",
        f"{HEAD}<id value='1'/><id value='2'/></Patient>",
        f"{HEAD}<id/></Patient>",
        f"{HEAD}<name/></Patient>",
        f"{HEAD}<name colour='1'><text value='x'/></name></Patient>",
        f"{HEAD}<name value='1'/></Patient>",
        f"{HEAD}text</Patient>",
        f"{HEAD}<active value='yes'/></Patient>",
        f"{HEAD}<multipleBirthInteger value='01'/></Patient>",
        f"{HEAD}<contained><id value='x'/></contained></Patient>",
        f"{HEAD}<contained/></Patient>",
        f"{HEAD}<contained><Group><id value='a'/></Group><Group/></contained></Patient>",
        f"{HEAD}<text><div>x</div></text></Patient>",
        f'{HEAD}<div xmlns="http://www.w3.org/1999/xhtml"/></Patient>',
        f'{HEAD}<text><div xmlns="http://www.w3.org/1999/xhtml"><x xmlns="urn:x"/></div></text>',
        f'{HEAD}<text><x:div xmlns:x="http://www.w3.org/1999/xhtml"/></text></Patient>',
        f'{HEAD}<text><div xmlns="http://www.w3.org/1999/xhtml"><?x y?></div></text></Patient>',
        HEAD + "<contact>" * 1_000,
        HEAD + "<extension url='x'>" * 100_000,
        "\ufeff\ufeff",
    ],
)
def test_what_is_no_resource_is_refused(body):
    with pytest.raises(InvalidResourceError):
        xml.decode(body.encode())


@pytest.mark.parametrize("body", [b"\xff\xfe<\x00", b'<?xml version="1.0" encoding="x"?><a/>'])
def test_another_encoding_is_refused(body):
    with pytest.raises(InvalidResourceError):
        xml.decode(body)


def test_the_place_is_named():
    body = f"{HEAD}<name><given value='x'/><colour value='secret'/></name></Patient>"
    with pytest.raises(InvalidResourceError) as told:
        xml.decode(body.encode())
    assert told.value.expression == "Patient.name.colour"
    assert "secret" not in str(told.value)


def test_what_else_may_stand_there_is_passed_over():
    body = (
        '\ufeff<?xml version="1.0" encoding="UTF-8"?><?xml-stylesheet href="x"?><!-- c -->'
        '<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-'
        'instance" xsi:schemaLocation="a b">\n  <f:id value="p1"/><!-- c --></f:Patient>'
    )
    assert xml.decode(body.encode()) == {"resourceType": "Patient", "id": "p1"}

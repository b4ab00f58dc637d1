"""The English catalogue: every text of the code and the templates, and no other."""

import re
import string
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from gateway.web import speech as module
from gateway.web.speech import CHINESE, LOCALE, speech

WEB = Path(module.__file__).parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
SAID = {
    text
    for _, _, text, _, _ in extract_from_dir(WEB, METHODS, keywords={"say": None, "msg": None})
    if isinstance(text, str)
}
ENGLISH = speech("en").catalogue


def names(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_is_translated():
    assert SAID - ENGLISH.keys() == set()


def test_nothing_is_translated_that_nobody_says():
    assert ENGLISH.keys() - SAID == set()


@pytest.mark.parametrize("text", sorted(SAID))
def test_a_translation_names_the_same_values(text):
    assert names(ENGLISH[text]) <= names(text)
    assert not re.search(r"[\u4e00-\u9fff]", ENGLISH[text].replace("张三", ""))


def test_every_chinese_text_of_the_templates_is_said_through_the_catalogue():
    for template in WEB.glob("templates/**/*.html"):
        bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", template.read_text(), flags=re.DOTALL)
        # The name of a language is written in that language.
        assert not re.search(r"[\u4e00-\u9fff]", bare.replace("中文", "")), template.name


def test_the_languages_are_those_that_have_a_catalogue():
    assert {path.name for path in LOCALE.iterdir()} == {"en"}
    assert speech("xx") is CHINESE
    assert speech("") is CHINESE


def test_values_fill_the_places_of_a_text():
    assert CHINESE("含全部{n}家院区", n=5) == "含全部5家院区"
    assert speech("en")("含全部{n}家院区", n=5) == "Covers all 5 campuses"
    assert CHINESE("{不是占位") == "{不是占位"

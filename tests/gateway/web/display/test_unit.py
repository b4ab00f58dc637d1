"""Units are printed as sent; a UCUM code is respelled only where nothing else was sent."""

import pytest

from gateway.web.display.unit import same_unit, unit


@pytest.mark.parametrize(
    ("quantity", "printed"),
    [
        ({"unit": "umol/L"}, "umol/L"),
        ({"unit": "个/HP", "code": "/[HPF]"}, "个/HP"),
        ({"code": "umol/L"}, "μmol/L"),
        ({"code": "mmol/L"}, "mmol/L"),
        ({"code": "ug/mL"}, "μg/mL"),
        ({"code": "10*9/L"}, "10⁹/L"),
        ({"code": "10*12/L"}, "10¹²/L"),
        ({"code": "10*15/L"}, "10¹⁵/L"),
        ({"code": "mm[Hg]"}, "mmHg"),
        ({"code": "Cel"}, "℃"),
        ({"code": "[IU]/L"}, "IU/L"),
        ({"code": "m[IU]/L"}, "mIU/L"),
        ({"code": "{COI}"}, ""),
        ({"code": "mL/min/{1.73_m2}"}, "mL/min"),
        ({"code": "1"}, ""),
        ({}, ""),
    ],
)
def test_unit_of_a_quantity(quantity, printed):
    assert unit(quantity) == printed


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"unit": "μmol/L"}, {"unit": "umol/L"}, True),
        ({"unit": "µmol/L"}, {"unit": "μmol/L"}, True),
        ({"unit": "×10^9/L"}, {"unit": "10⁹/L"}, True),
        ({"unit": "10*9/L"}, {"code": "10*9/L"}, True),
        ({"unit": "mmol/L"}, {"unit": "mg/dL"}, False),
        ({"unit": "g/L"}, {"unit": "mg/L"}, False),
        ({"unit": "毫摩尔/升", "code": "mmol/L"}, {"unit": "mmol/L", "code": "mmol/L"}, True),
        (
            {"unit": "U", "code": "U", "system": "a"},
            {"unit": "U", "code": "U", "system": "b"},
            False,
        ),
    ],
)
def test_units_are_the_same_however_they_are_spelled(one, other, same):
    assert same_unit(one, other) is same

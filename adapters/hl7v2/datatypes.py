"""Data types of HL7 v2, components in the order of the standard (HL7 v2.9 chapter 2A).

Component n of a type is its n-th attribute. An absent component is "" (or the empty record of
its type), HL7's null is the constant NULL. A record with nothing in it is falsy. Further
components than those named here stay readable through `Segment.raw`.
"""

from typing import Annotated, Final

import msgspec

ST = Annotated[str, "text"]
"""Text: the field or component as a whole, delimiters that the sender forgot to escape included."""
ID = Annotated[str, "code"]
"""A code: its first component, since later versions made many of them coded elements."""
IS = ID
NM = ID
SI = ID
DTM = ID
"""A time as written; what TS and TM carry after the first component (a precision) is left out."""

NULL: Final = '""'
"""The sender says "delete this value"; absent means "leave it as it is" (chapter 2.5.3)."""


class Composite(msgspec.Struct, frozen=True, gc=False):
    """Several values in one; falsy when none of them is there."""

    def __bool__(self) -> bool:
        """Return whether any component is present."""
        return any(getattr(self, name) for name in self.__struct_fields__)


class Varies(msgspec.Struct, frozen=True, gc=False):
    """OBX-5: its type is named in OBX-2, so it comes in every reading."""

    raw: str = ""
    """The field as sent."""
    text: str = ""
    """The whole field with its escapes resolved and unescaped delimiters kept ("10^9", "3~5")."""
    repetitions: tuple[tuple[str, ...], ...] = ()
    """Repetitions, each a tuple of components; subcomponents are left joined."""

    def __bool__(self) -> bool:
        """Return whether there is a value."""
        return bool(self.raw)


class HD(Composite, frozen=True, gc=False):
    """Hierarchic designator: who assigns."""

    namespace_id: ST = ""  # HD.1
    universal_id: ST = ""  # HD.2
    universal_id_type: ID = ""  # HD.3


class EI(Composite, frozen=True, gc=False):
    """Entity identifier."""

    entity_identifier: ST = ""  # EI.1
    namespace_id: ST = ""  # EI.2
    universal_id: ST = ""  # EI.3
    universal_id_type: ID = ""  # EI.4


class EIP(Composite, frozen=True, gc=False):
    """Entity identifier pair."""

    placer_assigned_identifier: EI = EI()  # EIP.1
    filler_assigned_identifier: EI = EI()  # EIP.2


class CWE(Composite, frozen=True, gc=False):
    """Coded with exceptions; also reads CE, CNE and CF, which begin alike."""

    identifier: ST = ""  # CWE.1
    text: ST = ""  # CWE.2
    name_of_coding_system: ST = ""  # CWE.3
    alternate_identifier: ST = ""  # CWE.4
    alternate_text: ST = ""  # CWE.5
    name_of_alternate_coding_system: ST = ""  # CWE.6
    coding_system_version_id: ST = ""  # CWE.7
    alternate_coding_system_version_id: ST = ""  # CWE.8
    original_text: ST = ""  # CWE.9


class CX(Composite, frozen=True, gc=False):
    """Identifier with check digit and the authority that assigned it."""

    id_number: ST = ""  # CX.1
    check_digit: ST = ""  # CX.2
    check_digit_scheme: ID = ""  # CX.3
    assigning_authority: HD = HD()  # CX.4
    identifier_type_code: ID = ""  # CX.5
    assigning_facility: HD = HD()  # CX.6
    effective_date: DTM = ""  # CX.7
    expiration_date: DTM = ""  # CX.8
    assigning_jurisdiction: CWE = CWE()  # CX.9
    assigning_agency_or_department: CWE = CWE()  # CX.10


class FN(Composite, frozen=True, gc=False):
    """Family name."""

    surname: ST = ""  # FN.1
    own_surname_prefix: ST = ""  # FN.2
    own_surname: ST = ""  # FN.3
    surname_prefix_from_partner: ST = ""  # FN.4
    surname_from_partner: ST = ""  # FN.5


class XPN(Composite, frozen=True, gc=False):
    """Name of a person."""

    family_name: FN = FN()  # XPN.1
    given_name: ST = ""  # XPN.2
    second_and_further_given_names: ST = ""  # XPN.3
    suffix: ST = ""  # XPN.4
    prefix: ST = ""  # XPN.5
    degree: ST = ""  # XPN.6
    name_type_code: ID = ""  # XPN.7
    name_representation_code: ID = ""  # XPN.8
    name_context: CWE = CWE()  # XPN.9
    name_validity_range: ST = ""  # XPN.10
    name_assembly_order: ID = ""  # XPN.11
    effective_date: DTM = ""  # XPN.12
    expiration_date: DTM = ""  # XPN.13
    professional_suffix: ST = ""  # XPN.14


class XCN(Composite, frozen=True, gc=False):
    """Number and name of a person; with subcomponents for components it also reads CNN."""

    person_identifier: ST = ""  # XCN.1
    family_name: FN = FN()  # XCN.2
    given_name: ST = ""  # XCN.3
    second_and_further_given_names: ST = ""  # XCN.4
    suffix: ST = ""  # XCN.5
    prefix: ST = ""  # XCN.6
    degree: ST = ""  # XCN.7
    source_table: ID = ""  # XCN.8
    assigning_authority: HD = HD()  # XCN.9
    name_type_code: ID = ""  # XCN.10
    identifier_check_digit: ST = ""  # XCN.11
    check_digit_scheme: ID = ""  # XCN.12
    identifier_type_code: ID = ""  # XCN.13
    assigning_facility: HD = HD()  # XCN.14


class XON(Composite, frozen=True, gc=False):
    """Name and number of an organization."""

    organization_name: ST = ""  # XON.1
    organization_name_type_code: ID = ""  # XON.2
    id_number: NM = ""  # XON.3
    identifier_check_digit: NM = ""  # XON.4
    check_digit_scheme: ID = ""  # XON.5
    assigning_authority: HD = HD()  # XON.6
    identifier_type_code: ID = ""  # XON.7
    assigning_facility: HD = HD()  # XON.8
    name_representation_code: ID = ""  # XON.9
    organization_identifier: ST = ""  # XON.10


class SAD(Composite, frozen=True, gc=False):
    """Street address."""

    street_or_mailing_address: ST = ""  # SAD.1
    street_name: ST = ""  # SAD.2
    dwelling_number: ST = ""  # SAD.3


class XAD(Composite, frozen=True, gc=False):
    """Address."""

    street_address: SAD = SAD()  # XAD.1
    other_designation: ST = ""  # XAD.2
    city: ST = ""  # XAD.3
    state_or_province: ST = ""  # XAD.4
    zip_or_postal_code: ST = ""  # XAD.5
    country: ID = ""  # XAD.6
    address_type: ID = ""  # XAD.7
    other_geographic_designation: ST = ""  # XAD.8
    county_parish_code: ID = ""  # XAD.9
    census_tract: ID = ""  # XAD.10
    address_representation_code: ID = ""  # XAD.11
    address_validity_range: ST = ""  # XAD.12
    effective_date: DTM = ""  # XAD.13
    expiration_date: DTM = ""  # XAD.14


class XTN(Composite, frozen=True, gc=False):
    """Telephone number or other address of telecommunication."""

    telephone_number: ST = ""  # XTN.1
    telecommunication_use_code: ID = ""  # XTN.2
    telecommunication_equipment_type: ID = ""  # XTN.3
    communication_address: ST = ""  # XTN.4
    country_code: ST = ""  # XTN.5
    area_city_code: ST = ""  # XTN.6
    local_number: ST = ""  # XTN.7
    extension: ST = ""  # XTN.8
    any_text: ST = ""  # XTN.9
    extension_prefix: ST = ""  # XTN.10
    speed_dial_code: ST = ""  # XTN.11
    unformatted_telephone_number: ST = ""  # XTN.12


class PL(Composite, frozen=True, gc=False):
    """Location of a person."""

    point_of_care: ID = ""  # PL.1
    room: ID = ""  # PL.2
    bed: ID = ""  # PL.3
    facility: HD = HD()  # PL.4
    location_status: ID = ""  # PL.5
    person_location_type: ID = ""  # PL.6
    building: ID = ""  # PL.7
    floor: ID = ""  # PL.8
    location_description: ST = ""  # PL.9


class MSG(Composite, frozen=True, gc=False):
    """Type of a message."""

    message_code: ID = ""  # MSG.1
    trigger_event: ID = ""  # MSG.2
    message_structure: ID = ""  # MSG.3


class PT(Composite, frozen=True, gc=False):
    """Processing type."""

    processing_id: ID = ""  # PT.1
    processing_mode: ID = ""  # PT.2


class VID(Composite, frozen=True, gc=False):
    """Version of the standard."""

    version_id: ID = ""  # VID.1
    internationalization_code: CWE = CWE()  # VID.2
    international_version_id: CWE = CWE()  # VID.3


class CQ(Composite, frozen=True, gc=False):
    """Quantity with units."""

    quantity: NM = ""  # CQ.1
    units: CWE = CWE()  # CQ.2


class DR(Composite, frozen=True, gc=False):
    """Range of time."""

    range_start_date_time: DTM = ""  # DR.1
    range_end_date_time: DTM = ""  # DR.2


class NDL(Composite, frozen=True, gc=False):
    """Name of a person with time and place."""

    name: XCN = XCN()  # NDL.1, a CNN: the components of XCN up to the source table
    start_date_time: DTM = ""  # NDL.2
    end_date_time: DTM = ""  # NDL.3
    point_of_care: ID = ""  # NDL.4
    room: ID = ""  # NDL.5
    bed: ID = ""  # NDL.6
    facility: HD = HD()  # NDL.7


class PRL(Composite, frozen=True, gc=False):
    """Link to the parent result."""

    parent_observation_identifier: CWE = CWE()  # PRL.1
    parent_observation_sub_identifier: ST = ""  # PRL.2
    parent_observation_value_descriptor: ST = ""  # PRL.3


class SPS(Composite, frozen=True, gc=False):
    """Specimen source, as OBR-15 gave it before there was SPM."""

    specimen_source_name_or_code: CWE = CWE()  # SPS.1
    additives: CWE = CWE()  # SPS.2
    specimen_collection_method: ST = ""  # SPS.3
    body_site: CWE = CWE()  # SPS.4
    site_modifier: CWE = CWE()  # SPS.5
    collection_method_modifier_code: CWE = CWE()  # SPS.6
    specimen_role: CWE = CWE()  # SPS.7


class TQ(Composite, frozen=True, gc=False):
    """Quantity and timing, as ORC-7 and OBR-27 gave it before there was TQ1."""

    quantity: CQ = CQ()  # TQ.1
    interval: ST = ""  # TQ.2
    duration: ST = ""  # TQ.3
    start_date_time: DTM = ""  # TQ.4
    end_date_time: DTM = ""  # TQ.5
    priority: ID = ""  # TQ.6
    condition: ST = ""  # TQ.7
    text: ST = ""  # TQ.8
    conjunction: ID = ""  # TQ.9


class RPT(Composite, frozen=True, gc=False):
    """Repeat pattern."""

    repeat_pattern_code: CWE = CWE()  # RPT.1
    calendar_alignment: ID = ""  # RPT.2
    phase_range_begin_value: NM = ""  # RPT.3
    phase_range_end_value: NM = ""  # RPT.4
    period_quantity: NM = ""  # RPT.5
    period_units: ID = ""  # RPT.6

"""The segments about message and patient (HL7 v2.9 chapters 2 and 3), fields in their order.

Field n of a segment is its n-th attribute; a repeating field is a tuple. An absent field is "",
() or the empty (falsy) record of its type; HL7's null is NULL, in a composite as its first
component. Only the first repetition of a field that does not repeat is read, and fields beyond
the last one named are not: both stay readable through `Segment.raw`.
"""

from typing import Annotated

import msgspec

from adapters.hl7v2.datatypes import (
    CWE,
    CX,
    DTM,
    EI,
    HD,
    ID,
    IS,
    MSG,
    NM,
    PL,
    PT,
    SI,
    ST,
    VID,
    XAD,
    XCN,
    XON,
    XPN,
    XTN,
)

RAW = Annotated[str, "raw"]
"""The field as sent: it holds the delimiters themselves."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One segment, read."""


class MSH(Record, frozen=True, gc=False):
    """Message header."""

    field_separator: RAW = ""  # MSH-1
    encoding_characters: RAW = ""  # MSH-2
    sending_application: HD = HD()  # MSH-3
    sending_facility: HD = HD()  # MSH-4
    receiving_application: HD = HD()  # MSH-5
    receiving_facility: HD = HD()  # MSH-6
    date_time_of_message: DTM = ""  # MSH-7
    security: ST = ""  # MSH-8
    message_type: MSG = MSG()  # MSH-9
    message_control_id: ST = ""  # MSH-10
    processing_id: PT = PT()  # MSH-11
    version_id: VID = VID()  # MSH-12
    sequence_number: NM = ""  # MSH-13
    continuation_pointer: ST = ""  # MSH-14
    accept_acknowledgment_type: ID = ""  # MSH-15
    application_acknowledgment_type: ID = ""  # MSH-16
    country_code: ID = ""  # MSH-17
    character_set: tuple[ID, ...] = ()  # MSH-18
    principal_language_of_message: CWE = CWE()  # MSH-19
    alternate_character_set_handling_scheme: ID = ""  # MSH-20
    message_profile_identifier: tuple[EI, ...] = ()  # MSH-21
    sending_responsible_organization: XON = XON()  # MSH-22
    receiving_responsible_organization: XON = XON()  # MSH-23
    sending_network_address: HD = HD()  # MSH-24
    receiving_network_address: HD = HD()  # MSH-25


class EVN(Record, frozen=True, gc=False):
    """Event."""

    event_type_code: ID = ""  # EVN-1
    recorded_date_time: DTM = ""  # EVN-2
    date_time_planned_event: DTM = ""  # EVN-3
    event_reason_code: CWE = CWE()  # EVN-4
    operator_id: tuple[XCN, ...] = ()  # EVN-5
    event_occurred: DTM = ""  # EVN-6
    event_facility: HD = HD()  # EVN-7


class PID(Record, frozen=True, gc=False):
    """Patient identification."""

    set_id: SI = ""  # PID-1
    patient_id: CX = CX()  # PID-2
    patient_identifier_list: tuple[CX, ...] = ()  # PID-3
    alternate_patient_id: tuple[CX, ...] = ()  # PID-4
    patient_name: tuple[XPN, ...] = ()  # PID-5
    mothers_maiden_name: tuple[XPN, ...] = ()  # PID-6
    date_time_of_birth: DTM = ""  # PID-7
    administrative_sex: IS = ""  # PID-8
    patient_alias: tuple[XPN, ...] = ()  # PID-9
    race: tuple[CWE, ...] = ()  # PID-10
    patient_address: tuple[XAD, ...] = ()  # PID-11
    county_code: IS = ""  # PID-12
    phone_number_home: tuple[XTN, ...] = ()  # PID-13
    phone_number_business: tuple[XTN, ...] = ()  # PID-14
    primary_language: CWE = CWE()  # PID-15
    marital_status: CWE = CWE()  # PID-16
    religion: CWE = CWE()  # PID-17
    patient_account_number: CX = CX()  # PID-18
    ssn_number: ST = ""  # PID-19
    drivers_license_number: ST = ""  # PID-20
    mothers_identifier: tuple[CX, ...] = ()  # PID-21
    ethnic_group: tuple[CWE, ...] = ()  # PID-22
    birth_place: ST = ""  # PID-23
    multiple_birth_indicator: ID = ""  # PID-24
    birth_order: NM = ""  # PID-25
    citizenship: tuple[CWE, ...] = ()  # PID-26
    veterans_military_status: CWE = CWE()  # PID-27
    nationality: CWE = CWE()  # PID-28
    patient_death_date_and_time: DTM = ""  # PID-29
    patient_death_indicator: ID = ""  # PID-30
    identity_unknown_indicator: ID = ""  # PID-31
    identity_reliability_code: tuple[CWE, ...] = ()  # PID-32
    last_update_date_time: DTM = ""  # PID-33
    last_update_facility: HD = HD()  # PID-34
    species_code: CWE = CWE()  # PID-35
    breed_code: CWE = CWE()  # PID-36
    strain: ST = ""  # PID-37
    production_class_code: CWE = CWE()  # PID-38
    tribal_citizenship: tuple[CWE, ...] = ()  # PID-39
    patient_telecommunication_information: tuple[XTN, ...] = ()  # PID-40


class PV1(Record, frozen=True, gc=False):
    """Patient visit."""

    set_id: SI = ""  # PV1-1
    patient_class: IS = ""  # PV1-2
    assigned_patient_location: PL = PL()  # PV1-3
    admission_type: IS = ""  # PV1-4
    preadmit_number: CX = CX()  # PV1-5
    prior_patient_location: PL = PL()  # PV1-6
    attending_doctor: tuple[XCN, ...] = ()  # PV1-7
    referring_doctor: tuple[XCN, ...] = ()  # PV1-8
    consulting_doctor: tuple[XCN, ...] = ()  # PV1-9
    hospital_service: IS = ""  # PV1-10
    temporary_location: PL = PL()  # PV1-11
    preadmit_test_indicator: IS = ""  # PV1-12
    re_admission_indicator: IS = ""  # PV1-13
    admit_source: IS = ""  # PV1-14
    ambulatory_status: tuple[IS, ...] = ()  # PV1-15
    vip_indicator: IS = ""  # PV1-16
    admitting_doctor: tuple[XCN, ...] = ()  # PV1-17
    patient_type: IS = ""  # PV1-18
    visit_number: CX = CX()  # PV1-19
    financial_class: tuple[IS, ...] = ()  # PV1-20
    charge_price_indicator: IS = ""  # PV1-21
    courtesy_code: IS = ""  # PV1-22
    credit_rating: IS = ""  # PV1-23
    contract_code: tuple[IS, ...] = ()  # PV1-24
    contract_effective_date: tuple[DTM, ...] = ()  # PV1-25
    contract_amount: tuple[NM, ...] = ()  # PV1-26
    contract_period: tuple[NM, ...] = ()  # PV1-27
    interest_code: IS = ""  # PV1-28
    transfer_to_bad_debt_code: IS = ""  # PV1-29
    transfer_to_bad_debt_date: DTM = ""  # PV1-30
    bad_debt_agency_code: IS = ""  # PV1-31
    bad_debt_transfer_amount: NM = ""  # PV1-32
    bad_debt_recovery_amount: NM = ""  # PV1-33
    delete_account_indicator: IS = ""  # PV1-34
    delete_account_date: DTM = ""  # PV1-35
    discharge_disposition: IS = ""  # PV1-36
    discharged_to_location: IS = ""  # PV1-37
    diet_type: CWE = CWE()  # PV1-38
    servicing_facility: IS = ""  # PV1-39
    bed_status: IS = ""  # PV1-40
    account_status: IS = ""  # PV1-41
    pending_location: PL = PL()  # PV1-42
    prior_temporary_location: PL = PL()  # PV1-43
    admit_date_time: DTM = ""  # PV1-44
    discharge_date_time: DTM = ""  # PV1-45
    current_patient_balance: NM = ""  # PV1-46
    total_charges: NM = ""  # PV1-47
    total_adjustments: NM = ""  # PV1-48
    total_payments: NM = ""  # PV1-49
    alternate_visit_id: CX = CX()  # PV1-50
    visit_indicator: IS = ""  # PV1-51
    other_healthcare_provider: tuple[XCN, ...] = ()  # PV1-52
    service_episode_description: ST = ""  # PV1-53
    service_episode_identifier: CX = CX()  # PV1-54


class MRG(Record, frozen=True, gc=False):
    """Merge: the numbers that disappear."""

    prior_patient_identifier_list: tuple[CX, ...] = ()  # MRG-1
    prior_alternate_patient_id: tuple[CX, ...] = ()  # MRG-2
    prior_patient_account_number: CX = CX()  # MRG-3
    prior_patient_id: CX = CX()  # MRG-4
    prior_visit_number: CX = CX()  # MRG-5
    prior_alternate_visit_id: tuple[CX, ...] = ()  # MRG-6
    prior_patient_name: tuple[XPN, ...] = ()  # MRG-7

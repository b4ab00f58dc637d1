"""The segments of orders and results (HL7 v2.9 chapters 4 and 7), fields in their order."""

from adapters.hl7v2.datatypes import (
    CQ,
    CWE,
    CX,
    DR,
    DTM,
    EI,
    EIP,
    ID,
    IS,
    NDL,
    NM,
    PL,
    PRL,
    RPT,
    SI,
    SPS,
    ST,
    TQ,
    XAD,
    XCN,
    XON,
    XTN,
    Varies,
)
from adapters.hl7v2.records import Record


class ORC(Record, frozen=True, gc=False):
    """Common order."""

    order_control: ID = ""  # ORC-1
    placer_order_number: EI = EI()  # ORC-2
    filler_order_number: EI = EI()  # ORC-3
    placer_group_number: EI = EI()  # ORC-4
    order_status: ID = ""  # ORC-5
    response_flag: ID = ""  # ORC-6
    quantity_timing: tuple[TQ, ...] = ()  # ORC-7
    parent_order: EIP = EIP()  # ORC-8
    date_time_of_order_event: DTM = ""  # ORC-9
    entered_by: tuple[XCN, ...] = ()  # ORC-10
    verified_by: tuple[XCN, ...] = ()  # ORC-11
    ordering_provider: tuple[XCN, ...] = ()  # ORC-12
    enterers_location: PL = PL()  # ORC-13
    call_back_phone_number: tuple[XTN, ...] = ()  # ORC-14
    order_effective_date_time: DTM = ""  # ORC-15
    order_control_code_reason: CWE = CWE()  # ORC-16
    entering_organization: CWE = CWE()  # ORC-17
    entering_device: CWE = CWE()  # ORC-18
    action_by: tuple[XCN, ...] = ()  # ORC-19
    advanced_beneficiary_notice_code: CWE = CWE()  # ORC-20
    ordering_facility_name: tuple[XON, ...] = ()  # ORC-21
    ordering_facility_address: tuple[XAD, ...] = ()  # ORC-22
    ordering_facility_phone_number: tuple[XTN, ...] = ()  # ORC-23
    ordering_provider_address: tuple[XAD, ...] = ()  # ORC-24
    order_status_modifier: CWE = CWE()  # ORC-25
    advanced_beneficiary_notice_override_reason: CWE = CWE()  # ORC-26
    fillers_expected_availability_date_time: DTM = ""  # ORC-27
    confidentiality_code: CWE = CWE()  # ORC-28
    order_type: CWE = CWE()  # ORC-29
    enterer_authorization_mode: CWE = CWE()  # ORC-30
    parent_universal_service_identifier: CWE = CWE()  # ORC-31
    advanced_beneficiary_notice_date: DTM = ""  # ORC-32
    alternate_placer_order_number: tuple[CX, ...] = ()  # ORC-33
    order_workflow_profile: tuple[EI, ...] = ()  # ORC-34


class OBR(Record, frozen=True, gc=False):
    """Observation request: the head of an order or a report."""

    set_id: SI = ""  # OBR-1
    placer_order_number: EI = EI()  # OBR-2
    filler_order_number: EI = EI()  # OBR-3
    universal_service_identifier: CWE = CWE()  # OBR-4
    priority: ID = ""  # OBR-5
    requested_date_time: DTM = ""  # OBR-6
    observation_date_time: DTM = ""  # OBR-7
    observation_end_date_time: DTM = ""  # OBR-8
    collection_volume: CQ = CQ()  # OBR-9
    collector_identifier: tuple[XCN, ...] = ()  # OBR-10
    specimen_action_code: ID = ""  # OBR-11
    danger_code: CWE = CWE()  # OBR-12
    relevant_clinical_information: ST = ""  # OBR-13
    specimen_received_date_time: DTM = ""  # OBR-14
    specimen_source: SPS = SPS()  # OBR-15
    ordering_provider: tuple[XCN, ...] = ()  # OBR-16
    order_callback_phone_number: tuple[XTN, ...] = ()  # OBR-17
    placer_field_1: ST = ""  # OBR-18
    placer_field_2: ST = ""  # OBR-19
    filler_field_1: ST = ""  # OBR-20
    filler_field_2: ST = ""  # OBR-21
    results_rpt_status_chng_date_time: DTM = ""  # OBR-22
    charge_to_practice: ST = ""  # OBR-23
    diagnostic_serv_sect_id: ID = ""  # OBR-24
    result_status: ID = ""  # OBR-25
    parent_result: PRL = PRL()  # OBR-26
    quantity_timing: tuple[TQ, ...] = ()  # OBR-27
    result_copies_to: tuple[XCN, ...] = ()  # OBR-28
    parent_results_observation_identifier: EIP = EIP()  # OBR-29
    transportation_mode: ID = ""  # OBR-30
    reason_for_study: tuple[CWE, ...] = ()  # OBR-31
    principal_result_interpreter: NDL = NDL()  # OBR-32
    assistant_result_interpreter: tuple[NDL, ...] = ()  # OBR-33
    technician: tuple[NDL, ...] = ()  # OBR-34
    transcriptionist: tuple[NDL, ...] = ()  # OBR-35
    scheduled_date_time: DTM = ""  # OBR-36
    number_of_sample_containers: NM = ""  # OBR-37
    transport_logistics_of_collected_sample: tuple[CWE, ...] = ()  # OBR-38
    collectors_comment: tuple[CWE, ...] = ()  # OBR-39
    transport_arrangement_responsibility: CWE = CWE()  # OBR-40
    transport_arranged: ID = ""  # OBR-41
    escort_required: ID = ""  # OBR-42
    planned_patient_transport_comment: tuple[CWE, ...] = ()  # OBR-43
    procedure_code: CWE = CWE()  # OBR-44
    procedure_code_modifier: tuple[CWE, ...] = ()  # OBR-45
    placer_supplemental_service_information: tuple[CWE, ...] = ()  # OBR-46
    filler_supplemental_service_information: tuple[CWE, ...] = ()  # OBR-47
    medically_necessary_duplicate_procedure_reason: CWE = CWE()  # OBR-48
    result_handling: IS = ""  # OBR-49
    parent_universal_service_identifier: CWE = CWE()  # OBR-50
    observation_group_id: EI = EI()  # OBR-51
    parent_observation_group_id: EI = EI()  # OBR-52
    alternate_placer_order_number: tuple[CX, ...] = ()  # OBR-53
    parent_order: EIP = EIP()  # OBR-54


class OBX(Record, frozen=True, gc=False):
    """Observation."""

    set_id: SI = ""  # OBX-1
    value_type: ID = ""  # OBX-2
    observation_identifier: CWE = CWE()  # OBX-3
    observation_sub_id: ST = ""  # OBX-4
    observation_value: Varies = Varies()  # OBX-5
    units: CWE = CWE()  # OBX-6
    references_range: ST = ""  # OBX-7
    interpretation_codes: tuple[CWE, ...] = ()  # OBX-8
    probability: NM = ""  # OBX-9
    nature_of_abnormal_test: tuple[ID, ...] = ()  # OBX-10
    observation_result_status: ID = ""  # OBX-11
    effective_date_of_reference_range: DTM = ""  # OBX-12
    user_defined_access_checks: ST = ""  # OBX-13
    date_time_of_the_observation: DTM = ""  # OBX-14
    producers_id: CWE = CWE()  # OBX-15
    responsible_observer: tuple[XCN, ...] = ()  # OBX-16
    observation_method: tuple[CWE, ...] = ()  # OBX-17
    equipment_instance_identifier: tuple[EI, ...] = ()  # OBX-18
    date_time_of_the_analysis: DTM = ""  # OBX-19
    observation_site: tuple[CWE, ...] = ()  # OBX-20
    observation_instance_identifier: EI = EI()  # OBX-21
    mood_code: CWE = CWE()  # OBX-22
    performing_organization_name: XON = XON()  # OBX-23
    performing_organization_address: XAD = XAD()  # OBX-24
    performing_organization_medical_director: XCN = XCN()  # OBX-25
    patient_results_release_category: ID = ""  # OBX-26
    root_cause: CWE = CWE()  # OBX-27
    local_process_control: tuple[CWE, ...] = ()  # OBX-28
    observation_type: ID = ""  # OBX-29
    observation_sub_type: ID = ""  # OBX-30
    action_code: ID = ""  # OBX-31
    observation_value_absent_reason: tuple[CWE, ...] = ()  # OBX-32
    observation_related_specimen_identifier: tuple[EIP, ...] = ()  # OBX-33


class NTE(Record, frozen=True, gc=False):
    """Notes and comments."""

    set_id: SI = ""  # NTE-1
    source_of_comment: ID = ""  # NTE-2
    comment: tuple[ST, ...] = ()  # NTE-3
    comment_type: CWE = CWE()  # NTE-4
    entered_by: XCN = XCN()  # NTE-5
    entered_date_time: DTM = ""  # NTE-6
    effective_start_date: DTM = ""  # NTE-7
    expiration_date: DTM = ""  # NTE-8
    coded_comment: tuple[CWE, ...] = ()  # NTE-9


class SPM(Record, frozen=True, gc=False):
    """Specimen."""

    set_id: SI = ""  # SPM-1
    specimen_id: EIP = EIP()  # SPM-2
    specimen_parent_ids: tuple[EIP, ...] = ()  # SPM-3
    specimen_type: CWE = CWE()  # SPM-4
    specimen_type_modifier: tuple[CWE, ...] = ()  # SPM-5
    specimen_additives: tuple[CWE, ...] = ()  # SPM-6
    specimen_collection_method: CWE = CWE()  # SPM-7
    specimen_source_site: CWE = CWE()  # SPM-8
    specimen_source_site_modifier: tuple[CWE, ...] = ()  # SPM-9
    specimen_collection_site: CWE = CWE()  # SPM-10
    specimen_role: tuple[CWE, ...] = ()  # SPM-11
    specimen_collection_amount: CQ = CQ()  # SPM-12
    grouped_specimen_count: NM = ""  # SPM-13
    specimen_description: tuple[ST, ...] = ()  # SPM-14
    specimen_handling_code: tuple[CWE, ...] = ()  # SPM-15
    specimen_risk_code: tuple[CWE, ...] = ()  # SPM-16
    specimen_collection_date_time: DR = DR()  # SPM-17
    specimen_received_date_time: DTM = ""  # SPM-18
    specimen_expiration_date_time: DTM = ""  # SPM-19
    specimen_availability: ID = ""  # SPM-20
    specimen_reject_reason: tuple[CWE, ...] = ()  # SPM-21
    specimen_quality: CWE = CWE()  # SPM-22
    specimen_appropriateness: CWE = CWE()  # SPM-23
    specimen_condition: tuple[CWE, ...] = ()  # SPM-24
    specimen_current_quantity: CQ = CQ()  # SPM-25
    number_of_specimen_containers: NM = ""  # SPM-26
    container_type: CWE = CWE()  # SPM-27
    container_condition: CWE = CWE()  # SPM-28
    specimen_child_role: CWE = CWE()  # SPM-29
    accession_id: tuple[CX, ...] = ()  # SPM-30
    other_specimen_id: tuple[CX, ...] = ()  # SPM-31
    shipment_id: EI = EI()  # SPM-32
    culture_start_date_time: DTM = ""  # SPM-33
    culture_final_date_time: DTM = ""  # SPM-34
    action_code: ID = ""  # SPM-35


class TQ1(Record, frozen=True, gc=False):
    """Timing and quantity."""

    set_id: SI = ""  # TQ1-1
    quantity: CQ = CQ()  # TQ1-2
    repeat_pattern: tuple[RPT, ...] = ()  # TQ1-3
    explicit_time: tuple[DTM, ...] = ()  # TQ1-4
    relative_time_and_units: tuple[CQ, ...] = ()  # TQ1-5
    service_duration: CQ = CQ()  # TQ1-6
    start_date_time: DTM = ""  # TQ1-7
    end_date_time: DTM = ""  # TQ1-8
    priority: tuple[CWE, ...] = ()  # TQ1-9
    condition_text: ST = ""  # TQ1-10
    text_instruction: ST = ""  # TQ1-11
    conjunction: ID = ""  # TQ1-12
    occurrence_duration: CQ = CQ()  # TQ1-13
    total_occurrences: NM = ""  # TQ1-14

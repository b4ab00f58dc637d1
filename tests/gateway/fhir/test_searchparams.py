from gateway.fhir.definitions import RESOURCE_TYPES, TYPE_IDS, TYPE_NAMES
from gateway.fhir.searchparams import search_params

ALL = [param for name in RESOURCE_TYPES for param in search_params(name).values()]


def test_every_type_has_a_number_and_a_number_one_type():
    assert len(RESOURCE_TYPES) == 146
    assert TYPE_NAMES[TYPE_IDS["Observation"]] == "Observation"
    assert (TYPE_IDS["Account"], TYPE_IDS["VisionPrescription"]) == (1, 146)


def test_no_two_parameters_share_an_id():
    assert len({param.id for param in ALL}) == len(ALL)
    assert max(param.id for param in ALL) < 2**15


def test_an_id_once_given_stays():
    observation = search_params("Observation")
    assert observation["code"].id == 96 * 128 + 3 == 12291
    assert observation["_tag"].id == 96 * 128 + 108


def test_every_official_parameter_is_there():
    per_url = {param.url for param in ALL}
    # 1,375 are published; those of `Resource` and `DomainResource` count once.
    assert len(per_url) == 1375


def test_parameters_of_every_type_are_there_for_a_type_without_its_own():
    assert set(search_params("Binary")) == {
        "_content",
        "_id",
        "_lastUpdated",
        "_profile",
        "_query",
        "_security",
        "_source",
        "_tag",
        "_text",
    }
    assert search_params("Binary")["_tag"].expression == "Binary.meta.tag"


def test_the_patient_parameter_shares_the_rows_of_subject():
    params = search_params("Observation")
    assert params["patient"].stores == (params["subject"].id,)
    assert params["patient"].targets == ("Patient",)
    assert set(params["subject"].targets) == {"Patient", "Group", "Device", "Location"}


def test_a_combined_parameter_is_answered_by_its_members():
    params = search_params("Observation")
    assert params["combo-code"].stores == (params["code"].id, params["component-code"].id)
    audit = search_params("AuditEvent")
    assert audit["patient"].stores == (audit["agent"].id, audit["entity"].id)


def test_whoever_answers_for_another_answers_for_itself_in_the_same_kind():
    by_id = {param.id: param for param in ALL}
    for param in ALL:
        for store in param.stores:
            assert by_id[store].stores == (store,), (param.base, param.code)
            assert (by_id[store].kind, by_id[store].base) == (param.kind, param.base)


def test_a_filtered_parameter_is_restricted_to_the_type_it_filters():
    for param in ALL:
        if "resolve() is" in param.expression:
            assert len(param.targets) == 1, (param.base, param.code)
            assert f"resolve() is {param.targets[0]}" in param.expression

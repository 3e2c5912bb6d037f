"""The fixture that the reference tests rest on."""

import pytest


def test_all_398_entries_are_there_and_have_inputs(reference):
    assert len(reference.ids) == 398
    assert all(isinstance(reference(i)["inputs"], dict) for i in reference.ids)


def test_an_entry_without_inputs_gets_those_of_its_data_set(reference):
    assert reference("mh.OR.bcg")["inputs"]["tpos"] == reference("escalc.RR.bcg")["inputs"]["tpos"]


def test_the_entry_is_a_copy(reference):
    reference("mh.OR.bcg")["results"].clear()
    assert reference("mh.OR.bcg")["results"]


def test_an_unknown_id_says_so(reference):
    with pytest.raises(KeyError, match="no reference entry"):
        reference("mh.OR.nothing")

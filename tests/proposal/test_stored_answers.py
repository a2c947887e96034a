"""The text of an answers file is what Copier would write, whatever was written before."""

from __future__ import annotations

import yaml
from hypothesis import given, strategies as st

from bep.proposal import stored_answers

SINGLE = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, 1.0]) | st.text()
VALUES = SINGLE | st.lists(SINGLE, max_size=3) | st.dictionaries(st.text(), SINGLE, max_size=2)
# Few names, so that equal values of different types meet under one of them.
ANSWERS = st.dictionaries(st.sampled_from(["title", "phases", "lines"]), VALUES, min_size=1)


@given(ANSWERS)
def test_it_is_one_yaml_document_of_all_answers(answers):
    whole = yaml.safe_dump(answers, sort_keys=False, allow_unicode=True, width=2**31)

    assert stored_answers.written(answers) == whole


def test_equal_values_of_other_types_keep_their_form():
    for value, text in ((1, "1"), (True, "true"), (1.0, "1.0"), ("1", "'1'")):
        assert stored_answers.written({"lines": value}) == f"lines: {text}\n"
        assert stored_answers.written({"lines": [value]}) == f"lines:\n- {text}\n"

"""Remote codes as a table that a clerk can review."""

from __future__ import annotations

import pytest

from bridge.kit.codes import Code, CodeTable
from bridge.model.lifecycle import ApplicationState

TABLE = CodeTable({"02": Code("受理", ApplicationState.ACCEPTED), "99": Code("内部流转")})


def test_a_code_has_a_meaning_and_perhaps_a_state():
    """The target's own words stand beside the state that they mean, if any."""
    assert (TABLE["02"].meaning, TABLE.state("02")) == ("受理", ApplicationState.ACCEPTED)
    assert (TABLE["99"].meaning, TABLE.state("99")) == ("内部流转", None)
    assert (list(TABLE), len(TABLE)) == (["02", "99"], 2)


def test_an_unknown_code_moves_nothing():
    """It has no state, is not in the table, and looking it up says so."""
    assert TABLE.state("77") is None
    assert "77" not in TABLE
    with pytest.raises(KeyError):
        TABLE["77"]

"""What a database says becomes one sentence for a user."""

import pytest
from sqlalchemy.exc import OperationalError

from cephview.store.errors import store_error


@pytest.mark.parametrize("state", ["55P03", "40P01", "40001"])
def test_a_server_that_is_busy_is_no_server_that_is_gone(state):
    class RefusedError(Exception):
        sqlstate = state

    refused = OperationalError("UPDATE", {}, RefusedError("canceling statement"))
    told = store_error(refused, "the place")
    assert str(told).startswith("the place is busy in another window: this change is not saved")
    assert not told.is_cut

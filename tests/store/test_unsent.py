"""Steps that a server lacks: kept in a file until they are sent, whatever becomes of the window."""

import multiprocessing
import os

from cephview.store.unsent import FOLDER, Step, UnsentFile, left_behind

PLACE = "postgresql://server/team"


def steps(empty):
    first = empty.moved("S", (1.0, 2.0), by="Ann", at="1")
    second = first.confirm("S", by="Ann", at="2")
    return Step("f" * 64, 0, "", empty, first), Step("f" * 64, 3, "Ann", first, second)


def test_what_a_window_left_is_read_in_order(tmp_path, empty):
    file = UnsentFile.begin(tmp_path, PLACE)
    for step in steps(empty):
        file.add(step)
    file.close()
    (found,) = left_behind(tmp_path, PLACE)
    assert tuple(found.steps.values()) == steps(empty)
    found.close()
    assert list(left_behind(tmp_path, "postgresql://server/other")) == []


def test_what_was_sent_is_not_sent_again_and_an_empty_file_goes(tmp_path, empty):
    file = UnsentFile.begin(tmp_path, PLACE)
    first, second = (file.add(step) for step in steps(empty))
    file.sent(first)
    file.close()
    (found,) = left_behind(tmp_path, PLACE)
    assert list(found.steps) == [second]
    found.sent(second)
    found.close()
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_a_line_cut_short_by_a_kill_hides_no_other(tmp_path, empty):
    file = UnsentFile.begin(tmp_path, PLACE)
    for step in steps(empty):
        file.add(step)
    file.close()
    content = file.path.read_bytes()
    file.path.write_bytes(content[:-40])
    (found,) = left_behind(tmp_path, PLACE)
    assert tuple(found.steps.values()) == steps(empty)[:1]
    found.close()


def _keep_and_die(folder, step):
    UnsentFile.begin(folder, PLACE).add(step)
    os._exit(9)


def test_a_living_windows_file_is_left_alone_and_a_killed_ones_is_not(tmp_path, empty):
    mine = UnsentFile.begin(tmp_path, PLACE)
    mine.add(steps(empty)[0])
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=_keep_and_die, args=(tmp_path, steps(empty)[1]))
    child.start()
    child.join()
    found = list(left_behind(tmp_path, PLACE))
    assert [list(file.steps.values()) for file in found] == [[steps(empty)[1]]]
    for file in (*found, mine):
        file.close()

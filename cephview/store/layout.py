"""Whether a database file has the tables of its version, and nothing that would act on them.

A workspace may come from a disc or a mail. A trigger in it changes rows at the next step, a view
answers in the place of a table, a generated column computes what was never written. Nothing of that
is ever run: what a file is made of is read from its schema, as text, before anything else of it.
"""

import re
import sqlite3

from cephview.store.checksums import CHECKSUM
from cephview.store.schema import CHECKED_TABLES, SCHEMA_VERSION, metadata

# The words that this program's own statements are made of, beside the names of tables and columns.
_WORD = re.compile(r"[^\W\d]\w*")
_WORDS = _WORD.findall(
    "create table unique index on not null primary key autoincrement constraint references foreign "
    "default text integer float blob varchar one_revision_a_number one_reading_a_reader"
)
_INDEXES = {index.name for table in metadata.tables.values() for index in table.indexes}
# What SQLite keeps for itself; statistics of a table change no answer.
_OF_SQLITE = ("sqlite_sequence", "sqlite_stat1", "sqlite_stat4")
_PLAIN = re.compile(r"[\w\s(),.'\"\[\]`]*")
_NAMED = 3

# What each version brought. Nothing is known of the tables of later ones.
_LATER: dict[tuple[str, str], int] = {
    ("tracings", "turn"): 2,
    ("tracings", "likeness"): 2,
    ("tracings", "reading"): 4,
    ("revisions", "reading"): 4,
    ("work", "reading"): 4,
    ("tracings", "unsure"): 6,
    ("tracings", "doubt"): 8,
    ("films", "is_skipped"): 9,
    ("films", "binned_at"): 9,
    **dict.fromkeys(((name, CHECKSUM) for name in CHECKED_TABLES), 10),
}
VERSIONS = range(1, SCHEMA_VERSION + 1)
_LATER_TABLES = {"sessions": 3, "work": 3, "readings": 4, "landmarks": 5, "claims": 7}


def tables_of(version: int) -> dict[str, set[str]]:
    """Return the columns of every table of a version."""
    return {
        name: {c.name for c in table.columns if _LATER.get((name, c.name), 1) <= version}
        for name, table in metadata.tables.items()
        if _LATER_TABLES.get(name, 1) <= version
    }


def strangers(connection: sqlite3.Connection) -> list[str]:
    """Return what a file has that no workspace of this program has, each as part of a sentence.

    What would act comes first.
    Reads the schema alone, and runs nothing of it.
    """
    acting, found = [], []
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    for kind, name, table, sql in rows:
        is_ours = name in metadata.tables if kind == "table" else table in metadata.tables
        if name in _OF_SQLITE or (kind == "index" and not sql and is_ours):
            continue
        if kind not in ("table", "index"):
            acting.append(f"the {_shown(kind)} {_shown(name)} on {_shown(table)}")
        elif not is_ours or (kind == "index" and name not in _INDEXES):
            found.append(f"the {kind} {_shown(name)}")
        elif not _is_ours(str(sql)):
            found.append(f"the {kind} {_shown(name)} in another form")
    return acting + found


def misfit(connection: sqlite3.Connection, version: int) -> str:
    """Return how the tables of a file do not fit its version, as part of a sentence, "" for well.

    To be asked where there are no strangers: it looks at the columns of tables.
    """
    expected = tables_of(version)
    there = {
        name: {row[1] for row in connection.execute(f"PRAGMA table_xinfo({name})")}
        for name in metadata.tables
    }
    there = {name: columns for name, columns in there.items() if columns}
    if there == expected:
        return ""
    for known in VERSIONS:
        if there == tables_of(known):
            return f"says that it is of version {version}, but has the tables of version {known}"
    return f"says that it is of version {version}, but has other tables than that"


def listed(found: list[str]) -> str:
    """Return strangers as part of a sentence, the first few by name."""
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return ", ".join(found[:_NAMED]) + more


def _is_ours(sql: str) -> bool:
    """Whether a statement is made of this program's own words."""
    known = {*_WORDS, *_INDEXES}
    for name, table in metadata.tables.items():
        known |= {name, f"{name}_apart", *table.columns.keys()}
    return bool(_PLAIN.fullmatch(sql)) and {w.lower() for w in _WORD.findall(sql)} <= known


def _shown(name: object) -> str:
    """Return a name from a strange file as a user may be shown it."""
    text = "".join(c if c.isprintable() else "?" for c in str(name))
    return text if len(text) <= 40 else text[:40] + "..."

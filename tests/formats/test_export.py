"""Exports are read again and say the same."""

import csv
import errno
import json
import math
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cephview.core.detection import DetectedPoint, Detection
from cephview.core.landmarks import Landmark, LandmarkSet, own_landmark
from cephview.core.scale import PixelSize, Provenance
from cephview.core.tracing import State, Tracing
from cephview.formats import FormatError
from cephview.formats.export import EXPORTERS, ExportedFilm
from cephview.formats.export_coco import read_coco
from cephview.formats.export_csv import COLUMNS, read_csv
from cephview.formats.points_csv import write_points_csv
from cephview.formats.truth import read_truth

IDS = ("S", "N", "Pog'", "Me", "Ar")
LANDMARKS = LandmarkSet(
    "five", "Five", "a test", tuple(Landmark(i, i, "a point", "hard") for i in IDS)
)
SIZE = PixelSize(0.1, 0.2, Provenance.DETECTOR)
AT = "2026-01-02T03:04:05+00:00"

places = st.floats(-5000, 5000, allow_subnormal=False).map(lambda v: v + 0.0)
xys = st.tuples(places, places)
# A table names no film by nothing but blanks.
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
names = names.filter(str.strip)
detections = st.tuples(xys, st.floats(0.01, 99), xys, st.floats(0.01, 99))


def detection(points: dict[str, tuple]) -> Detection:
    return Detection(
        tuple(DetectedPoint(i, a, s, b, t) for i, (a, s, b, t) in points.items()),
        model="f" * 64,
        model_name="base",
        passes=1,
        device="cpu",
        seconds=1.0,
    )


@st.composite
def tracings(draw: st.DrawFn) -> Tracing:
    tracing = Tracing.empty("five", IDS)
    found = draw(st.dictionaries(st.sampled_from(IDS), detections))
    tracing = tracing.detected(detection(found), at=AT)
    for landmark in IDS:
        deed = draw(st.sampled_from(["", "move", "move and confirm", "confirm", "hide", "doubt"]))
        if "move" in deed:
            tracing = tracing.moved(landmark, draw(xys), by="Ana", at=AT)
        if "confirm" in deed and tracing[landmark].best is not None:
            tracing = tracing.confirm(landmark, by="Bo", at=AT)
        if deed == "doubt" and tracing[landmark].best is not None:
            tracing = tracing.marked_unsure(landmark, by="Bo", at=AT)
        if deed == "hide":
            tracing = tracing.marked_not_visible(landmark, by="Ana", at=AT)
    return tracing


FOLDER = "/films/"


@st.composite
def exported_films(draw: st.DrawFn) -> tuple[ExportedFilm, ...]:
    sizes = st.sampled_from([SIZE, PixelSize(), PixelSize(0.1, 0.1, Provenance.UNVERIFIED)])
    files = names.map(lambda name: name.replace("/", "_")).filter(lambda name: name.strip(". "))
    found = draw(st.lists(files, unique_by=str.strip, max_size=3))
    return tuple(
        ExportedFilm(f"{FOLDER}{name}", f"{n:064x}", 1935, 2400, draw(sizes), draw(tracings()))
        for n, name in enumerate(found)
    )


quickly = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quickly
@given(films=exported_films(), include=st.booleans())
def test_csv_round_trip(films: tuple[ExportedFilm, ...], include: bool, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    EXPORTERS["csv"].write(path, films, LANDMARKS, include_unconfirmed=include)
    rows = {(row.sha256, row.landmark): row for row in read_csv(path)}
    for film in films:
        for point in film.tracing:
            row = rows.pop((film.film_sha256, point.landmark), None)
            is_told = (include or point.unsure) and not point.hidden
            placed = point.truth or (point.best if is_told else None)
            if placed is None and point.state is not State.NOT_VISIBLE:
                assert row is None
                continue
            assert row is not None
            assert row.film == film.path.removeprefix(FOLDER)
            assert row.state is point.state
            assert row.xy_px == (None if placed is None else placed.xy)
            assert row.mm_per_px == film.pixel_size.mm_per_px()
            assert row.scale is film.pixel_size.provenance
            if placed is not None:
                assert (row.sigma_px, row.model) == (placed.sigma_px, placed.model)
                assert row.layer == ("human" if point.human else "refined")
            if point.confirmed or point.hidden:
                assert row.by == ("Bo" if point.confirmed else "Ana")
    assert rows == {}


@quickly
@given(films=exported_films(), include=st.booleans())
def test_coco_round_trip(films: tuple[ExportedFilm, ...], include: bool, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    EXPORTERS["coco"].write(path, films, LANDMARKS, include_unconfirmed=include)
    read = read_coco(path)
    films = tuple(
        film
        for film in films
        if any(p.truth or p.hidden or p.unsure or (include and p.best) for p in film.tracing)
    )
    assert [film.sha256 for film in read] == [film.film_sha256 for film in films]
    for film, back in zip(films, read, strict=True):
        assert (back.file_name, back.width) == (film.path.removeprefix(FOLDER), 1935)
        assert back.height == 2400
        for point in film.tracing:
            is_told = include or point.hidden or point.unsure
            placed = point.truth or (point.best if is_told else None)
            if placed is None:
                assert point.landmark not in back.points
            else:
                visibility = 1 if point.hidden else 2
                assert back.points[point.landmark] == (placed.xy, visibility)


@quickly
@given(films=exported_films())
def test_a_csv_export_is_a_truth_table(films: tuple[ExportedFilm, ...], tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    EXPORTERS["csv"].write(path, films, LANDMARKS, include_unconfirmed=True)
    if len(path.read_bytes().splitlines()) == 1:
        return
    table = read_truth(path)
    for film in films:
        truth = {p.landmark: p.truth.xy for p in film.tracing if p.truth is not None}
        assert table.points.get(film.path.removeprefix(FOLDER).strip(), {}) == truth


def example() -> ExportedFilm:
    points = {"S": ((1, 2), 3, (4.25, 5.5), 0.5), "Me": ((1, 2), 3, (9, 8), 0.5)}
    tracing = Tracing.empty("five", IDS).detected(detection(points), at=AT)
    tracing = tracing.moved("N", (10, 20), by="Ana", at=AT).confirm("S", by="Bo", at=AT)
    tracing = tracing.marked_not_visible("Pog'", by="Ana", at=AT)
    return ExportedFilm("films/a.dcm", "ab" * 32, 100, 200, SIZE, tracing)


@quickly
@given(films=exported_films(), include=st.booleans())
def test_what_is_told_is_what_is_in_the_file(
    films: tuple[ExportedFilm, ...], include: bool, tmp_path: Path
) -> None:
    path = tmp_path / "out"
    told = EXPORTERS["csv"].write(path, films, LANDMARKS, include_unconfirmed=include)
    rows = read_csv(path)
    assert told.films == len({row.sha256 for row in rows})
    assert told.hidden == sum(row.xy_px is None for row in rows)
    assert told.unchecked == sum(row.state is State.MODEL for row in rows)
    assert told.unsure == sum(row.state is State.UNSURE for row in rows)
    assert told.truths == len(rows) - told.hidden - told.unsure - told.unchecked
    states = [point.state for film in films for point in film.tracing]
    assert told.left_out == (0 if include else states.count(State.MODEL))
    assert EXPORTERS["coco"].write(path, films, LANDMARKS, include_unconfirmed=include) == told
    assert len(read_coco(path)) == told.films


def test_coco_says_nothing_of_a_film_of_which_nothing_is_exported(tmp_path: Path) -> None:
    found = detection({"S": ((1, 2), 3, (4, 5), 1)})
    unchecked = Tracing.empty("five", IDS).detected(found, at=AT)
    other = ExportedFilm("films/b.dcm", "cd" * 32, 100, 200, SIZE, unchecked)
    path = tmp_path / "out.json"
    EXPORTERS["coco"].write(path, [other, example()], LANDMARKS, include_unconfirmed=False)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert [image["file_name"] for image in document["images"]] == ["a.dcm"]
    assert [entry["num_keypoints"] for entry in document["annotations"]] == [2]


def test_csv_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    EXPORTERS["csv"].write(path, [example()], LANDMARKS, include_unconfirmed=False)
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert tuple(header) == COLUMNS
    sha, scale = "ab" * 32, ["detector", "0.1", "0.2"]
    assert rows == [
        ["a.dcm", sha, "S", "confirmed", "refined", "4.25", "5.5", "0.42500000000000004",
         "1.1", "0.5", *scale, "Bo", AT, "f" * 64, "five"],
        ["a.dcm", sha, "N", "moved", "human", "10.0", "20.0", "1.0", "4.0", "", *scale,
         "Ana", AT, "", "five"],
        ["a.dcm", sha, "Pog'", "not visible", "", "", "", "", "", "", *scale, "Ana", AT, "",
         "five"],
    ]  # fmt: skip


def test_a_table_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    EXPORTERS["csv"].write(path, [example()], LANDMARKS, include_unconfirmed=False)
    now = read_csv(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line.rpartition(",")[0] for line in lines), encoding="utf-8")
    assert [row.xy_px for row in read_csv(path)] == [row.xy_px for row in now]


def test_an_added_landmark_is_exported_with_its_set_and_convention(tmp_path: Path) -> None:
    condylion = Landmark("Co", "Condylion", "The top.", "hard", "aariz29", "theirs", "a book")
    own = own_landmark("X", "Mine", "There.", "soft", by="Ana")
    grown = LANDMARKS.with_added(condylion, own)
    tracing = Tracing.of(grown).moved("Co", (1, 2), by="Ana", at=AT)
    tracing = tracing.moved("X", (3, 4), by="Ana", at=AT).moved("S", (5, 6), by="Ana", at=AT)
    films = [ExportedFilm("a.dcm", "ab" * 32, 100, 200, SIZE, tracing)]
    path = tmp_path / "out.csv"
    # Retired since: what films have of it is written all the same.
    EXPORTERS["csv"].write(path, films, grown.with_retired("X"), include_unconfirmed=False)
    assert {row.landmark: row.landmark_set for row in read_csv(path)} == {
        "S": "five", "Co": "aariz29", "X": "own"
    }  # fmt: skip
    path = tmp_path / "out.json"
    EXPORTERS["coco"].write(path, films, grown.with_retired("X"), include_unconfirmed=False)
    (category,) = json.loads(path.read_text(encoding="utf-8"))["categories"]
    assert category["keypoints"] == [*IDS, "Co", "X"]
    assert category["cephview"]["landmarks"][5] == {
        "id": "Co", "name": "Condylion", "definition": "The top.", "set": "aariz29",
        "convention": "theirs", "source": "a book",
    }  # fmt: skip
    assert {row.states["X"] for row in read_coco(path)} == {State.MOVED}
    # A workspace that lost the definition still gives the point.
    EXPORTERS["coco"].write(path, films, LANDMARKS, include_unconfirmed=False)
    (category,) = json.loads(path.read_text(encoding="utf-8"))["categories"]
    assert category["keypoints"] == [*IDS, "Co", "X"]


def test_a_doubted_point_is_told_in_every_export_and_is_no_truth(tmp_path: Path) -> None:
    film = example()
    tracing = film.tracing.marked_unsure("S", by="Bo", at=AT)
    films = [replace(film, tracing=tracing)]
    path = tmp_path / "out.csv"
    told = EXPORTERS["csv"].write(path, films, LANDMARKS, include_unconfirmed=False)
    assert (told.unsure, told.truths) == (1, 1)
    (row,) = [row for row in read_csv(path) if row.landmark == "S"]
    assert (row.state, row.xy_px, row.by) == (State.UNSURE, (4.25, 5.5), "Bo")
    assert "S" not in read_truth(path).points["a.dcm"]
    path = tmp_path / "out.json"
    EXPORTERS["coco"].write(path, films, LANDMARKS, include_unconfirmed=False)
    (entry,) = json.loads(path.read_text(encoding="utf-8"))["annotations"]
    assert entry["cephview"]["unsure"] == ["S"]
    (back,) = read_coco(path)
    assert back.states["S"] is State.UNSURE and back.points["S"] == ((4.25, 5.5), 2)


def test_unconfirmed_points_only_on_request(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    EXPORTERS["csv"].write(path, [example()], LANDMARKS, include_unconfirmed=True)
    assert {row.landmark: row.state.value for row in read_csv(path)} == {
        "S": "confirmed", "N": "moved", "Pog'": "not visible", "Me": "model"
    }  # fmt: skip


def test_coco_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    EXPORTERS["coco"].write(path, [example()], LANDMARKS, include_unconfirmed=False)
    document = json.loads(path.read_text(encoding="utf-8"))
    (category,) = document["categories"]
    assert category["keypoints"] == list(IDS)
    assert category["skeleton"] == [[1, 2], [5, 1]]
    (annotation,) = document["annotations"]
    assert annotation["keypoints"] == [4.25, 5.5, 2, 10, 20, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    assert annotation["num_keypoints"] == 2
    assert annotation["bbox"] == [4.25, 5.5, 6.75, 15.5]
    assert annotation["area"] == 6.75 * 15.5
    assert annotation["cephview"]["states"]["Pog'"] == "not visible"
    assert document["images"][0]["width"] == 100


def test_a_film_is_never_overwritten(tmp_path: Path) -> None:
    film = tmp_path / "a.dcm"
    film.write_bytes(b"film")
    exported = ExportedFilm(str(film), "ab" * 32, 100, 200, SIZE, example().tracing)
    for exporter in EXPORTERS.values():
        with pytest.raises(FormatError, match="never written to"):
            exporter.write(film, [exported], LANDMARKS, include_unconfirmed=False)
    points = detection({"S": ((1, 2), 3, (4, 5), 1)})
    link = tmp_path / "link.csv"
    link.hardlink_to(film)
    for path in (film, link):
        with pytest.raises(FormatError, match="never written to"):
            write_points_csv(path, [(str(film), SIZE, points)])
    assert film.read_bytes() == link.read_bytes() == b"film"


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("another patient.dcm", b"\0" * 128 + b"DICM"),
        ("IM000123", b"\0" * 128 + b"DICM"),
        ("DICOMDIR", b"\0" * 128 + b"DICM"),
        ("points.csv", b"\x89PNG\r\n\x1a\n"),
        ("damaged.TIF", b"half a film"),
    ],
)
def test_a_film_that_is_not_exported_is_not_overwritten_either(
    name: str, head: bytes, tmp_path: Path
) -> None:
    film = tmp_path / name
    film.write_bytes(head)
    for exporter in EXPORTERS.values():
        with pytest.raises(FormatError, match="never written to"):
            exporter.write(film, [example()], LANDMARKS, include_unconfirmed=False)
    with pytest.raises(FormatError, match="never written to"):
        write_points_csv(film, [("a.dcm", SIZE, detection({"S": ((1, 2), 3, (4, 5), 1)}))])
    assert film.read_bytes() == head
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_cannot_be_looked_into_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"who knows")
    opened = Path.open

    def refuse(self: Path, *mode: str) -> object:
        if self == path:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(self, *mode)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(FormatError, match="permission"):
        EXPORTERS["csv"].write(path, [example()], LANDMARKS, include_unconfirmed=False)
    monkeypatch.undo()
    assert path.read_bytes() == b"who knows"


def test_an_older_export_is_replaced(tmp_path: Path) -> None:
    for exporter in EXPORTERS.values():
        path = tmp_path / f"out{exporter.suffix}"
        path.write_bytes(b"older")
        exporter.write(path, [example()], LANDMARKS, include_unconfirmed=False)
        assert b"a.dcm" in path.read_bytes()


def test_a_tracing_of_another_set_is_refused(tmp_path: Path) -> None:
    other = LandmarkSet("other", "Other", "a test", LANDMARKS.landmarks)
    with pytest.raises(FormatError, match="landmark set five"):
        EXPORTERS["csv"].write(tmp_path / "out.csv", [example()], other, include_unconfirmed=False)


@pytest.mark.parametrize("name", EXPORTERS)
def test_a_path_that_is_not_utf8_is_escaped(name: str, tmp_path: Path) -> None:
    film = ExportedFilm("caf\udce9.png", "ab" * 32, 100, 200, SIZE, example().tracing)
    path = tmp_path / "out"
    EXPORTERS[name].write(path, [film], LANDMARKS, include_unconfirmed=False)
    assert "caf\\udce9.png" in path.read_text(encoding="utf-8").replace("\\\\", "\\")


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b"\xff", b'{"images": [], "annotations": [], "categories": []}',
     b'{"images":[{"id":1,"file_name":"a","width":1,"height":1}],"annotations":'
     b'[{"image_id":1,"keypoints":[1,2]}],"categories":[{"keypoints":["S"]}]}'],
)  # fmt: skip
def test_other_json_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"other\.json"):
        read_coco(path)


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", b"\xff", ",".join(COLUMNS).encode() + b"\n1"]
)
def test_other_tables_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"other\.csv"):
        read_csv(path)


def test_points_csv(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    found = detection({"S": ((1, 2), 3, (4.25, 5.5), 0.5)})
    odd = os.fsdecode(b"caf\xe9.png")
    write_points_csv(path, [("./a.dcm", SIZE, found), (odd, PixelSize(), found)])
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    sigma = 3 * math.sqrt(0.02), 0.5 * math.sqrt(0.02)
    model = "f" * 64 + ",,,,no,"
    assert text.splitlines() == [
        "film,landmark,layer,x_px,y_px,sigma_px,x_mm,y_mm,sigma_mm,scale,model,"
        "landmark_set,ood_score,orientation,turned,warning",
        f"a.dcm,S,coarse,1.000,2.000,3.000,0.100,0.400,{sigma[0]:.3f},detector,{model}",
        f"a.dcm,S,refined,4.250,5.500,0.500,0.425,1.100,{sigma[1]:.3f},detector,{model}",
        f"{odd},S,coarse,1.000,2.000,3.000,,,,unknown,{model}",
        f"{odd},S,refined,4.250,5.500,0.500,,,,unknown,{model}",
    ]

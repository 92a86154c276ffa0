"""Which files of a folder are documents."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from integrations.rag_trainer.discovery import SUFFIXES, Found, NoDocuments, discover


def _names(found: Found) -> list[str]:
    return [source.name for source in found.sources]


def _reasons(found: Found) -> dict[str, str]:
    return {file.name: file.reason for file in found.left_out}


def _write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def test_documents_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    """Files of a folder first, then its folders, whatever the disk's own order is; endings in any case."""
    _write(tmp_path, "b.md", "a.PDF", "нормы/СП 48.docx", "c/2.txt", "c/10.html", "c/d/e.xlsx")
    found = discover(tmp_path)
    assert _names(found) == ["a.PDF", "b.md", "c/10.html", "c/2.txt", "c/d/e.xlsx", "нормы/СП 48.docx"]
    assert found.sources[-1].path.read_text() == "нормы/СП 48.docx"
    assert (found.left_out, found.hidden) == ((), 0)


def test_other_endings_are_told_and_hidden_names_are_counted(tmp_path: Path) -> None:
    """Nothing is passed over without a word."""
    _write(tmp_path, "a.md", "b.exe", "README", ".git/config.txt", ".hidden.md")
    found = discover(tmp_path)
    assert _names(found) == ["a.md"]
    assert _reasons(found) == {"README": "unknown_ending", "b.exe": "unknown_ending"}
    assert {file.outcome for file in found.left_out} == {"skipped"}
    assert found.hidden == 2


def test_links_are_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    """Neither to files nor to folders; one to a file that is found anyway isn't found twice."""
    _write(tmp_path, "out/secret.md", "in/a.md", "in/.state/b.md")
    (tmp_path / "in" / "link.md").symlink_to(tmp_path / "in" / "a.md")
    (tmp_path / "in" / "out.md").symlink_to(tmp_path / "out" / "secret.md")
    (tmp_path / "in" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "in" / "veiled.md").symlink_to(tmp_path / "in" / ".state" / "b.md")
    found = discover(tmp_path / "in")
    assert _names(found) == ["a.md"]
    assert _reasons(found) == {"link.md": "link", "out.md": "outside", "up": "link", "veiled.md": "outside"}


def test_a_link_in_a_circle_is_left_to_the_first_stage(tmp_path: Path) -> None:
    """And one that leads nowhere: it becomes a named failure of that file."""
    (tmp_path / "loop.md").symlink_to(tmp_path / "loop.md")
    (tmp_path / "gone.md").symlink_to(tmp_path / "nothing")
    assert _names(discover(tmp_path)) == ["gone.md", "loop.md"]


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    """It was named, so it is followed."""
    _write(tmp_path, "real/a.md")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert _names(discover(tmp_path / "link")) == ["a.md"]


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    """Reading one would wait for ever."""
    os.mkfifo(tmp_path / "pipe.md")
    _write(tmp_path, "a.md")
    assert _reasons(discover(tmp_path)) == {"pipe.md": "not_a_file"}


def test_a_name_that_is_not_utf_8_is_a_failure(tmp_path: Path) -> None:
    """It can't be written into a library or a message; the others are trained."""
    _write(tmp_path, "a.md")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xcf\xf0.md")).write_text("x")
    found = discover(tmp_path)
    assert _names(found) == ["a.md"]
    assert [(file.name, file.reason, file.outcome) for file in found.left_out] == [
        ("\\udccf\\udcf0.md", "bad_name", "failed")
    ]


def test_a_folder_that_cannot_be_read_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are trained. (Who runs the tests may be root, who reads everything.)"""
    _write(tmp_path, "a.md", "closed/b.md")
    real = os.scandir

    def scandir(folder: Path) -> object:
        if Path(folder).name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    found = discover(tmp_path)
    assert _names(found) == ["a.md"]
    assert [(file.name, file.outcome) for file in found.left_out] == [("closed", "failed")]
    assert "Permission denied" in found.left_out[0].text


@pytest.mark.parametrize("made", ["nothing", "file", "empty", "hidden"])
def test_no_documents_is_an_error_that_says_what_to_do(tmp_path: Path, made: str) -> None:
    """No folder, a file in its place, an empty one, one with hidden files alone."""
    folder = tmp_path / "docs"
    if made == "file":
        folder.write_text("")
    elif made != "nothing":
        folder.mkdir()
        if made == "hidden":
            _write(folder, ".a.md")
    with pytest.raises(
        NoDocuments, match=r"expected .*docs.*(make the folder|put in files that end with one of .*\.pdf)"
    ):
        discover(folder)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    """Somebody named the root of a disk; the bound holds for what is looked at, not for what is taken."""
    _write(tmp_path, *(f"{number}.exe" for number in range(6)))
    with pytest.raises(NoDocuments, match=r"at most 5 files .* raise the limit `files`"):
        discover(tmp_path, most=5)


def test_named_files_are_taken_whatever_their_ending(tmp_path: Path) -> None:
    """Relative to the folder or absolute; a folder stands for what is below; twice is once; absent ones are tried."""
    _write(tmp_path, "in/a.log", "in/b/c.md", "in/b/d.exe", "else/f.md")
    found = discover(tmp_path / "in", ["a.log", "b", tmp_path / "in" / "a.log", tmp_path / "else" / "f.md", "gone.md"])
    outside = (tmp_path / "else" / "f.md").as_posix()
    assert _names(found) == ["a.log", "b/c.md", outside, "gone.md"]
    assert _reasons(found) == {"b/d.exe": "unknown_ending"}


def test_named_folders_lie_anywhere(tmp_path: Path) -> None:
    """The base only gives names, and may be absent; links inside of a named folder are those of that folder."""
    _write(tmp_path, "else/a.md", "other/b.md")
    (tmp_path / "else" / "link.md").symlink_to(tmp_path / "else" / "a.md")
    (tmp_path / "else" / "out.md").symlink_to(tmp_path / "other" / "b.md")
    folder = (tmp_path / "else").as_posix()
    found = discover(tmp_path / "base", [folder])
    assert _names(found) == [f"{folder}/a.md"]
    assert _reasons(found) == {f"{folder}/link.md": "link", f"{folder}/out.md": "outside"}


def test_names_are_the_same_on_every_system(tmp_path: Path) -> None:
    """Some write й as two characters."""
    _write(tmp_path, "\u0438\u0306.md")
    assert _names(discover(tmp_path)) == ["\u0439.md"]
    assert discover(tmp_path).sources[0].path.exists()


def test_endings_are_in_small_letters() -> None:
    """As they are compared."""
    assert all(ending == ending.lower() and ending.startswith(".") for ending in SUFFIXES)
    assert {".pdf", ".docx", ".xlsx", ".html", ".md", ".txt", ".png"} <= SUFFIXES


def test_two_names_that_are_one_are_told(tmp_path: Path) -> None:
    """Letters and their accents, together and apart: the index could hold one of them only."""
    _write(tmp_path, "e\u0301.md", "\u00e9.md")
    found = discover(tmp_path)
    assert _names(found) == ["\u00e9.md"]
    assert found.sources[0].path.name == "e\u0301.md"
    assert [(file.name, file.reason, file.outcome) for file in found.left_out] == [("\u00e9.md", "same_name", "failed")]
    assert _names(discover(tmp_path, ["e\u0301.md", "e\u0301.md"])) == ["\u00e9.md"]
    assert discover(tmp_path, ["e\u0301.md", "e\u0301.md"]).left_out == ()


def test_the_trainers_own_folder_is_not_counted(tmp_path: Path) -> None:
    """It lies below the documents unless it is put elsewhere; nobody has to wonder what was passed over."""
    _write(tmp_path, "a.md", ".tocsin/library.sqlite", ".tocsin/b.md", ".git/c.md")
    found = discover(tmp_path)
    assert (_names(found), found.hidden) == (["a.md"], 1)


def test_what_was_asked_for_is_named_when_it_has_nothing(tmp_path: Path) -> None:
    """The folders that were given, the first three of them; not the folder that they are named from."""
    for name in "abcd":
        (tmp_path / name).mkdir()
    for files, named in ((["a"], "in a;"), (list("abcd"), "in a, b, c, ...;"), ([], "in an empty list;")):
        with pytest.raises(NoDocuments, match=f"expected documents {named} there are none"):
            discover(tmp_path, files)

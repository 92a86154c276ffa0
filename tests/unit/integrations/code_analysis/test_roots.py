"""Which folders may be analysed."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.code_analysis.roots import Outside, Roots
from tests.unit.integrations.code_analysis.repositories import git, make_repository


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a repository in it, beside one that is outside."""
    make_repository(tmp_path / "root" / "in", {"a.py": "1"})
    make_repository(tmp_path / "out", {"secret.py": "1"})
    return tmp_path / "root"


def refused(root: Path, text: str) -> str:
    with pytest.raises(Outside) as caught:
        Roots([root]).admit(text)
    return str(caught.value)


def test_what_lies_under_a_root_is_admitted(root: Path) -> None:
    """By any spelling; the root itself, too."""
    roots = Roots([root])
    assert roots.admit(f"{root}/in") == root / "in"
    (root / "x").mkdir()
    assert roots.admit(f"{root}/./x/../in/") == root / "in"
    assert roots.admit(str(root)) == root


def test_a_root_may_be_a_link(root: Path, tmp_path: Path) -> None:
    """It is the operator's own."""
    (tmp_path / "link").symlink_to(root)
    assert Roots([tmp_path / "link"]).admit(f"{tmp_path}/link/in") == root / "in"


@pytest.mark.parametrize("text", ["{root}/../out", "{root}/in/../../out", "/etc", "/", "{root}-no", "{root}/nope"])
def test_what_leads_out_is_refused(root: Path, text: str) -> None:
    """And what isn't there, in the same words: who asks learns nothing of other folders."""
    expected = "expected a repository under one of the folders of analysis.roots"
    assert refused(root, text.format(root=root)) == expected


@pytest.mark.parametrize("text", ["in", "", "../out", "~/in", "/a\0b"])
def test_only_absolute_paths_are_taken(root: Path, text: str) -> None:
    """What they are relative to is nobody's business."""
    assert refused(root, text) == "expected the absolute path of a repository"


def test_links_that_lead_out_are_refused(root: Path, tmp_path: Path) -> None:
    """At the end of a path and in its middle; one that leads back in is fine."""
    (root / "escape").symlink_to(tmp_path / "out")
    (root / "up").symlink_to(tmp_path)
    (root / "again").symlink_to(root / "in")
    refused(root, f"{root}/escape")
    refused(root, f"{root}/up/out")
    assert Roots([root]).admit(f"{root}/again") == root / "in"


def test_a_file_is_no_repository(root: Path) -> None:
    """Nor is a loop of links."""
    (root / "loop").symlink_to(root / "loop")
    refused(root, f"{root}/in/a.py")
    refused(root, f"{root}/loop")


def test_without_roots_nothing_is_admitted(root: Path) -> None:
    """Not even /."""
    with pytest.raises(Outside):
        Roots([]).admit(str(root))


def test_a_repository_inside_is_fine(root: Path) -> None:
    """With all its objects, those of a worktree too."""
    git(root / "in", "worktree", "add", "--quiet", str(root / "tree"))
    roots = Roots([root])
    roots.require_inside(root / "in" / ".git")
    roots.require_inside(root / "in" / ".git" / "worktrees" / "tree")


@pytest.mark.parametrize("part", ["objects", "refs", "objects/pack"])
def test_objects_elsewhere_are_refused(root: Path, tmp_path: Path, part: str) -> None:
    """A link inside of the repository."""
    place = root / "in" / ".git" / part
    place.rename(tmp_path / "moved")
    place.symlink_to(tmp_path / "moved")
    with pytest.raises(Outside):
        Roots([root]).require_inside(root / "in" / ".git")


@pytest.mark.parametrize("line", ["{out}/.git/objects", '"{out}/.git/objects"', "../../../../out/.git/objects"])
def test_borrowed_objects_are_refused(root: Path, tmp_path: Path, line: str) -> None:
    """`objects/info/alternates` names other repositories; so may those."""
    alternates = root / "in" / ".git" / "objects" / "info" / "alternates"
    alternates.write_text("# note\n" + line.format(out=tmp_path / "out") + "\n")
    with pytest.raises(Outside):
        Roots([root]).require_inside(root / "in" / ".git")
    alternates.write_text(f"{root}/other/.git/objects\n")
    make_repository(root / "other", {"b.py": "1"})
    Roots([root]).require_inside(root / "in" / ".git")
    second = root / "other" / ".git" / "objects" / "info" / "alternates"
    second.write_text(f"{tmp_path}/out/.git/objects\n")
    with pytest.raises(Outside):
        Roots([root]).require_inside(root / "in" / ".git")


def test_a_common_folder_elsewhere_is_refused(root: Path, tmp_path: Path) -> None:
    """A worktree of a repository that is outside."""
    git(tmp_path / "out", "worktree", "add", "--quiet", str(root / "tree"))
    with pytest.raises(Outside):
        Roots([root]).require_inside(tmp_path / "out" / ".git" / "worktrees" / "tree")
    (root / "in" / ".git" / "commondir").write_text(str(tmp_path / "out" / ".git"))
    with pytest.raises(Outside):
        Roots([root]).require_inside(root / "in" / ".git")

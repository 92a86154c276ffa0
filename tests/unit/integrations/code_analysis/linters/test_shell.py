"""ShellCheck, the real one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from integrations.code_analysis.linter import LinterFailed
from integrations.code_analysis.linters.shell import ShellCheck
from integrations.code_analysis.linters.tool import find_tool
from tests.unit.integrations.code_analysis.linters.reading import pretend, read, real

needed = pytest.mark.skipif(find_tool("shellcheck") is None, reason="shellcheck is not installed")


@needed
async def test_mistakes_are_found() -> None:
    """By code, place and severity."""
    found = await read(real("shellcheck"), {"-a b.sh": "#!/bin/sh\necho $1\n[[ x ]]\nif true\n"})
    assert found[0].path == "-a b.sh"
    assert "error" in {each.severity for each in found}
    (mild,) = await read(real("shellcheck"), {"a.bash": "#!/bin/bash\necho $1\n"})
    assert (mild.rule, mild.severity, mild.line, mild.column) == ("SC2086", "info", 2, 6)


@needed
async def test_a_repository_configures_only_where_it_may() -> None:
    """By .shellcheckrc."""
    files = {"a.sh": "#!/bin/sh\necho $1\n", ".shellcheckrc": "disable=SC2086\n"}
    assert len(await read(real("shellcheck"), files)) == 1
    assert await read(real("shellcheck"), files, own=True) == []


@needed
async def test_no_other_file_is_read(tmp_path: Path) -> None:
    """A script may name any file as the one that it sources."""
    (tmp_path / "secret.sh").write_text("#!/bin/sh\necho $secret\n")
    found = await read(real("shellcheck"), {"a.sh": f"#!/bin/sh\n# shellcheck source={tmp_path}/secret.sh\n. ./x.sh\n"})
    assert {each.rule for each in found} <= {"SC1091"}
    assert not any("secret=" in each.message for each in found)


@pytest.mark.parametrize("output", ["[]", '{"comments": [{}]}', "{}"])
async def test_another_output_is_refused(tmp_path: Path, output: str) -> None:
    """A newer ShellCheck may print something else."""
    linter = real("shellcheck")
    assert isinstance(linter, ShellCheck)
    with pytest.raises(LinterFailed, match="printed something else"):
        await read(replace(linter, tool=replace(linter.tool, program=pretend(tmp_path, output))), {"a.sh": ""})

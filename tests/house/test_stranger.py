"""Installed beside a project of somebody else, the package must not get in its way, whatever its folders are called.

Both ways of installing are tried without installing: a wheel is unpacked, an editable install is its search path and
its entry points. Where the tests themselves run in an environment with the package, these come first on the path.
"""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCENARIO = """
network:
  vpcs:
    main: {cidr: 10.0.0.0/16}
  subnets:
    one: {vpc: main, cidr: 10.0.1.0/24, zone: a}
  instances:
    a: {subnet: one}
    b: {subnet: one}
expect:
  - {can: [a, b, tcp/443], verdict: always}
"""
# The interpreter's options: `python -m pytest` puts the current folder first on the path, the command `pytest` not.
MODULE: list[str] = []
COMMAND = ["-P"]
# Not wanted here, and hypothesis takes a second to import.
WITHOUT = ["-p", "no:cacheprovider", "-p", "no:hypothesispytest"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = "import hatchling.build, sys; hatchling.build.build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(folder)], cwd=ROOT, check=True, capture_output=True)
    (file,) = folder.glob("vpcsim-*.whl")
    return file


@pytest.fixture(scope="module", params=["wheel", "editable"])
def search_path(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What PYTHONPATH must be so that a new interpreter finds the package, as installed."""
    site = tmp_path_factory.mktemp("site")
    if request.param == "wheel":
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
        return str(site)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (plugin,) = project["project"]["entry-points"]["pytest11"].items()
    info = site / "vpcsim-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: vpcsim\nVersion: 0\n", "utf-8")
    (info / "entry_points.txt").write_text("[pytest11]\n{} = {}\n".format(*plugin), "utf-8")
    folders = project["tool"]["hatch"]["build"]["dev-mode-dirs"]
    return os.pathsep.join([str(site), *(str(ROOT / folder) for folder in folders)])


def run_pytest(project: Path, search_path: str, options: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, *options, "-m", "pytest", *WITHOUT],
        check=False,
        cwd=project,
        env=environment | {"PYTHONPATH": search_path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.mark.parametrize("launch", [MODULE, COMMAND], ids=["module", "command"])
@pytest.mark.parametrize("home", ["", "src/"], ids=["top", "src"])
def test_a_project_may_have_its_own_folder_simulator(tmp_path: Path, search_path: str, home: str, launch: list[str]) -> None:
    """At the top, pytest puts the folder on the path when it meets the test, long after the plugins were loaded."""
    files = {
        "pyproject.toml": f'[tool.pytest.ini_options]\npythonpath = ["{home}"]\n' if home else "",
        f"{home}simulator/__init__.py": "OWNER = 'stranger'\n",
        "test_own.py": "import simulator\ndef test_own():\n    assert simulator.OWNER == 'stranger'\n",
    }
    write(tmp_path, files)
    run = run_pytest(tmp_path, search_path, launch)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed" in run.stdout


def test_scenario_files_beside_tests_are_tests(tmp_path: Path, search_path: str) -> None:
    write(tmp_path, {"network.scenario.yaml": SCENARIO})
    run = run_pytest(tmp_path, search_path, COMMAND)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed" in run.stdout


def test_scenario_files_beside_a_folder_simulator_do_not_go_unnoticed(tmp_path: Path, search_path: str) -> None:
    write(tmp_path, {"simulator/__init__.py": "", "network.scenario.yaml": SCENARIO})
    run = run_pytest(tmp_path, search_path, MODULE)
    assert "network.scenario.yaml: not tested" in run.stdout


def test_the_wheel_holds_the_package_and_the_plugin_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"simulator", "vpcsim_pytest.py"}
    assert "simulator/py.typed" in names
    assert [name for name in names if "_toplevel" in name or "__pycache__" in name] == []

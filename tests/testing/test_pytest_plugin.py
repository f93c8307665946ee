"""Scenario files as pytest tests: collected, run, and readable when they fail."""

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).parents[2]
NETWORK = """
network:
  vpcs:
    main: {cidr: 10.0.0.0/16}
  subnets:
    one: {vpc: main, cidr: 10.0.1.0/24, zone: a}
  instances:
    a: {subnet: one}
    b: {subnet: one}
expect:
  - {can: [a, b, tcp/443], verdict: always, why: members of the default group may talk}
  - {can: [internet, b, tcp/443], verdict: never}
"""
WRONG = NETWORK + "  - {can: [a, b, tcp/443], verdict: never, via: [igw]}\n  - {can: [a, nobody], verdict: always}\n"


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """pytest in a project of somebody else, with the plugin."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    environment |= {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "simulator" / "_toplevel")])}
    named = [] if entry_points(group="pytest11", name="vpcsim") else ["-p", "vpcsim_pytest"]  # installed, it is found by itself
    command = [sys.executable, "-P", "-m", "pytest", *named, "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_each_expectation_is_a_test(tmp_path: Path) -> None:
    (tmp_path / "net.scenario.yaml").write_text(NETWORK, "utf-8")
    (tmp_path / "other.yaml").write_text(NETWORK, "utf-8")
    done = run_pytest(tmp_path, "-v")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "net.scenario.yaml::a -> b tcp/443 PASSED" in done.stdout
    assert "2 passed" in done.stdout


def test_a_failure_prints_the_difference_and_the_walk_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "net.scenario.yaml").write_text(WRONG, "utf-8")
    done = run_pytest(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 failed, 2 passed" in done.stdout
    assert ": a -> b tcp/443: always, expected never" in done.stdout
    assert "net.scenario.yaml:14" in done.stdout
    assert "always: a reaches b on tcp/443" in done.stdout
    assert "nobody" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "pytest_plugin.py" not in done.stdout


def test_questions_asked_twice_are_two_tests(tmp_path: Path) -> None:
    (tmp_path / "net.scenario.yaml").write_text(WRONG, "utf-8")
    done = run_pytest(tmp_path, "--collect-only", "-q")
    assert "net.scenario.yaml::a -> b tcp/443 #2" in done.stdout


def test_a_project_says_which_files_are_scenarios(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nvpcsim_scenarios = network-*.yaml *.net\n", "utf-8")
    for name in ("network-a.yaml", "b.net", "c.scenario.yaml"):
        (tmp_path / name).write_text(NETWORK, "utf-8")
    done = run_pytest(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


def test_a_file_that_cannot_be_read_is_an_error_with_its_problems(tmp_path: Path) -> None:
    (tmp_path / "net.scenario.yaml").write_text("network: {vpcs: {main: {cidr: 10.0.0.0/33}}}\n", "utf-8")
    done = run_pytest(tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "10.0.0.0/33" in done.stdout
    assert "Traceback" not in done.stdout

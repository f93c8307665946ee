"""Start-up counts: what the command must not import for help and for one answer on a small network."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {
    "boto3",
    "botocore",
    "hypothesis",
    "jsonschema",
    "networkx",
    "numba",
    "numpy",
    "pandas",
    "pyarrow",
    "pytest",
}
SCRIPT = """
import json, pathlib, sys
report = pathlib.Path(sys.argv.pop(1))
from simulator.cli import main
try:
    main()
finally:
    report.write_text(json.dumps(sorted(sys.modules)))
"""
NETWORK = """
network:
  vpcs:
    main: {cidr: 10.0.0.0/16, internet_gateway: igw}
  subnets:
    public:  {vpc: main, cidr: 10.0.0.0/24, zone: a, routes: {0.0.0.0/0: igw}}
    private: {vpc: main, cidr: 10.0.1.0/24, zone: a, routes: {0.0.0.0/0: nat}}
  nat_gateways:
    nat: {subnet: public, public_ip: 198.51.100.7}
  security_groups:
    fn: {vpc: main, outbound: [{to: 0.0.0.0/0, allow: tcp/443}]}
  lambdas:
    report: {subnets: [private], security_groups: [fn]}
"""


def modules_of(folder: Path, *arguments: str) -> set[str]:
    """The modules a fresh interpreter has imported after `vpcsim ARGUMENTS`, which must succeed."""
    report = folder / "modules.json"
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(report), *arguments],
        check=False,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return set(json.loads(report.read_text("utf-8")))


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_imports_little_beside_click(tmp_path: Path, option: str) -> None:
    modules = modules_of(tmp_path, option)
    assert modules & (HEAVY | {"netaddr", "yaml"}) == set()
    assert {name for name in modules if name.startswith(("simulator.aws", "simulator.read"))} == set()


def test_one_answer_imports_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "network.yaml").write_text(NETWORK, "utf-8")
    modules = modules_of(tmp_path, "can", "network.yaml", "lambda:report", "internet", "tcp/443")
    assert modules & HEAVY == set()
    assert "simulator.testing" not in modules

"""`vpcsim verify`: the kernel agrees with what is right, notices what is wrong, and what it cannot judge never counts as agreeing."""

import json
from pathlib import Path

import pytest

from simulator.cli import run
from simulator.testing.kernel.bed import NoBedError
from tests.oracle.kernel.beds import bed_or_skip
from tests.oracle.kernel.wrong import WRONG_GRAPHS

Captured = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[2]
LAMBDA_NAT = str(ROOT / "scenarios/primer/lambda-nat.yaml")
EVENT_FABRIC = str(ROOT / "scenarios/primer/event-fabric.yaml")
# The list of the NAT gateway's subnet lets replies in for the upper half of its ports only, and its address is one of two.
HALF = """
network:
  vpcs: {v: {cidr: 10.0.0.0/16, internet_gateway: igw}}
  subnets:
    n: {vpc: v, cidr: 10.0.1.0/24, routes: {0.0.0.0/0: igw}}
    p: {vpc: v, cidr: 10.0.2.0/24, routes: {0.0.0.0/0: nat}}
  network_acls:
    half:
      vpc: v
      subnets: [n]
      inbound: [{rule: 1, from: 10.0.0.0/16, allow: all}, {rule: 2, allow: tcp/1025-65535}]
      outbound: [{rule: 1, allow: all}]
  nat_gateways:
    nat: {subnet: n, private_ip: 10.0.1.5, public_ip: 203.0.113.5, secondary: [{private_ip: 10.0.1.6, public_ip: 203.0.113.6}]}
  instances: {a: {subnet: p, ip: 10.0.2.10}}
expect:
  - {can: [a, internet, tcp/443], verdict: sometimes}
  - {can: [a, internet, esp], verdict: never}
  - {can: [a, 169.254.169.254, tcp/80], verdict: always}
  - {can: [a, nobody, tcp/80], verdict: error}
"""


@pytest.fixture(scope="module")
def kernel() -> None:
    bed_or_skip().close()


@pytest.fixture
def half(tmp_path: Path) -> str:
    path = tmp_path / "half.yaml"
    path.write_text(HALF, "utf-8")
    return str(path)


def refused(*_: object) -> None:
    raise NoBedError("new user namespace: [Errno 1] Operation not permitted (Debian packages: iproute2, libnftables1)")


# --- with a kernel ---------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("kernel")
def test_it_agrees_and_tells_how_much_it_tried(capsys: Captured) -> None:
    assert run(["verify", LAMBDA_NAT]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("agrees      ")
    assert "report -> internet tcp/443: simulator always, kernel always" in lines[0]
    assert lines[-1].startswith("Linux ")
    assert "2 agree; " in lines[-1]


@pytest.mark.usefixtures("kernel")
def test_both_traces_stand_side_by_side_on_request(capsys: Captured) -> None:
    assert run(["verify", LAMBDA_NAT, "report", "internet", "tcp/443", "--verbose"]) == 0
    lines = [line.split("|") for line in capsys.readouterr().out.splitlines()]
    columns = [(pair[0].strip(), pair[1].strip()) for pair in lines if len(pair) == 2]
    assert ("the kernel", "the simulator") in columns
    assert {"interface nat-eni translates", "arrives at report-eni-private, from 203.0.113.7:443"} <= {left for left, _ in columns}
    assert {"NAT gateway nat", "arrives at report-eni-private, from 203.0.113.7:443"} <= {right for _, right in columns}


@pytest.mark.usefixtures("kernel")
def test_a_sometimes_is_met_both_ways_and_what_cannot_be_judged_never_agrees(half: str, capsys: Captured) -> None:
    """One NAT port of 64,512 fails: it is met because the NAT is told to take just that one (NAT-9, NACL-15)."""
    assert run(["verify", half, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    sometimes, esp, metadata, nobody = document["questions"]
    assert (sometimes["status"], sometimes["simulator"], sometimes["kernel"]) == ("agrees", "sometimes", "sometimes")
    assert {one["status"] for one in (esp, metadata, nobody)} == {"not judged"}
    assert "only TCP, UDP and ICMP queries are sent" in esp["not_judged"][0]
    assert metadata["not_judged"] == ["services of the host (AWS DNS, instance metadata, time) are not built"]
    assert nobody["not_judged"][0].startswith("cannot be asked: `nobody` is nothing in this network")
    assert document["summary"] == {"agrees": 1, "in part": 0, "differs": 0, "not judged": 3, "packets": sometimes["packets"]}
    assert document["schema"] == "vpcsim/verify/1"


@pytest.mark.usefixtures("kernel")
def test_every_service_is_judged_in_part(half: str, capsys: Captured) -> None:
    assert run(["verify", half, "a", "internet"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("in part     command line: a -> internet every service: simulator sometimes, kernel sometimes, ")
    assert "not judged: of all protocols only TCP, UDP and ICMP queries are sent" in out


@pytest.mark.usefixtures("kernel")
def test_what_aws_told_of_an_account_is_played_as_far_as_it_was_read(capsys: Captured) -> None:
    accounts = ROOT / "tests/corpus/aws-snapshots"
    assert run(["verify", str(accounts / "test-transit-gateway"), "i-075e846ed41670385", "i-06ba034d88c84ef07", "tcp/22"]) == 0
    assert "simulator always, kernel always" in capsys.readouterr().out
    assert run(["verify", str(accounts / "test-vpc-peering-multi-account"), "i-07ae69cc808e8804e", "i-066ce0b1efbb5602c", "tcp/22"]) == 4
    assert "not judged: not built: network ACL: it was not read" in capsys.readouterr().out


@pytest.mark.usefixtures("kernel")
def test_invocations_are_not_judged(capsys: Captured) -> None:
    run(["verify", EVENT_FABRIC])
    assert "not judged: an invocation goes through the Lambda service and not through the network" in capsys.readouterr().out


@pytest.mark.usefixtures("kernel")
def test_a_network_with_nothing_to_judge_is_no_agreement(half: str, capsys: Captured) -> None:
    assert run(["verify", half, "a", "internet", "esp"]) == 4
    assert "0 agree, 1 could not be judged" in capsys.readouterr().out


@pytest.mark.usefixtures("kernel")
def test_a_wrong_simulator_differs_with_both_traces(half: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    from simulator.compile import compile_snapshot

    wrong = WRONG_GRAPHS["ACLs let everything pass"]
    monkeypatch.setattr("simulator.compile.compile_snapshot", lambda snapshot: wrong(compile_snapshot(snapshot)))
    assert run(["verify", half, "a", "internet", "tcp/443"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("differs     command line: a -> internet tcp/443: simulator always, kernel sometimes")
    kernel, simulator = next(line.split("|") for line in out.splitlines() if "LOST" in line)
    assert kernel.strip() == "LOST: acl ingress half ingress rule *"
    assert "203.0.113" not in simulator


# --- without one -----------------------------------------------------------------------------------------------------------------


def test_a_machine_that_cannot_says_which_step_failed(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.testing.kernel.probe.tried_out", refused)
    assert run(["verify", LAMBDA_NAT]) == 69
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("this machine's kernel cannot play networks: new user namespace: [Errno 1] Operation not permitted")
    assert "iproute2, libnftables1" in err


def test_another_system_is_named(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert run(["verify", LAMBDA_NAT]) == 69
    assert capsys.readouterr().err == "this machine's kernel cannot play networks: it needs Linux, and this is darwin\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([LAMBDA_NAT, "report"], "a question is SOURCE DESTINATION [SERVICE]"),
        ([LAMBDA_NAT, "report", "internet", "tcp/443", "more"], "a question is SOURCE DESTINATION [SERVICE]"),
        ([LAMBDA_NAT, "--one-way"], "belong to a question asked here"),
        ([LAMBDA_NAT, "repot", "internet"], "`repot` is nothing in this network; did you mean `report`?"),
        ([LAMBDA_NAT, "report", "internet", "tcp/http"], "`http` is no port"),
        (["no-such-file.yaml"], "no-such-file.yaml"),
        ([LAMBDA_NAT, "--samples", "-1"], "--samples"),
    ],
)
def test_wrong_usage_and_input_are_told_with_status_2(
    arguments: list[str], said: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.testing.kernel.probe.tried_out", refused)
    assert run(["verify", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_a_network_that_asks_nothing_needs_a_question(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "quiet.yaml"
    path.write_text("network: {vpcs: {v: {cidr: 10.0.0.0/16}}}\n", "utf-8")
    assert run(["verify", str(path)]) == 2
    assert "asks nothing: name SOURCE DESTINATION [SERVICE]" in capsys.readouterr().err

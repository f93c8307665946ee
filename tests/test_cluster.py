"""A matrix on a Dask cluster on this machine: the same rows, resumed where it was, and what is refused."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

import simulator
from simulator import cluster
from simulator.cli import run
from simulator.problems import InputError

Captured = pytest.CaptureFixture[str]
NETWORK = Path(__file__).parents[1] / "scenarios/walks/w2-cross-subnet.yaml"
parquet = pytest.importorskip("pyarrow.parquet", reason="the extra `arrow` is not installed")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    distributed = pytest.importorskip("distributed", reason="the extra `distributed` is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1") as workers:
            yield workers.scheduler_address


def rows_of(folder: Path) -> list[tuple[str, ...]]:
    tables = [parquet.read_table(file).to_pylist() for file in sorted(folder.glob("part-*.parquet"))]
    return sorted(tuple(row.values()) for table in tables for row in table)


def test_a_matrix_lies_in_blocks_once_each() -> None:
    parts = list(cluster.blocks(cluster.SOURCES + 1, 3, cluster.SERVICES * 2))
    assert [part.sources for part in parts[:2]] == [(0, cluster.SOURCES), (cluster.SOURCES, cluster.SOURCES + 1)]
    assert len(parts) == len({part.file for part in parts}) == 4
    assert sum((s[1] - s[0]) * (d[1] - d[0]) * (k[1] - k[0]) for s, d, k in parts) == (cluster.SOURCES + 1) * 3 * cluster.SERVICES * 2


@pytest.mark.parametrize("service", ["tcp/443", None])
def test_on_a_cluster_it_is_the_same_matrix(
    address: str, tmp_path: Path, service: str | None, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(cluster, "SOURCES", 2)
    monkeypatch.setattr(cluster, "SERVICES", 5)
    words = [service] if service else []
    assert run(["matrix", str(NETWORK), *words, "--cluster", address, "--parquet", str(tmp_path / "parts")]) == 0
    said = capsys.readouterr().out
    files = sorted((tmp_path / "parts").glob("part-*.parquet"))
    assert len(files) > 1
    assert said == f"{len(files)} parts in {tmp_path / 'parts'}\n"
    assert rows_of(tmp_path / "parts") == sorted(simulator.load(NETWORK).matrix(service).rows())


def test_what_is_there_is_not_asked_again_and_what_is_lost_is(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "SOURCES", 1)
    network, told = simulator.load(NETWORK), list[tuple[int, int]]()
    work = cluster.asked((str(NETWORK),), {}, "tcp/443", (), (), str(tmp_path))
    parts = cluster.matrix_parts(network, work, address, progress=lambda done, of: told.append((done, of)))
    assert told == [(done, len(parts)) for done in range(len(parts) + 1)]
    whole = rows_of(tmp_path)
    kept, lost = parts[0].stat().st_mtime_ns, parts[1]
    lost.unlink()
    told.clear()
    assert cluster.matrix_parts(network, work, address, progress=lambda done, of: told.append((done, of))) == parts
    assert told == [(len(parts) - 1, len(parts)), (len(parts), len(parts))]
    assert (parts[0].stat().st_mtime_ns, rows_of(tmp_path)) == (kept, whole)
    assert not list(tmp_path.glob(".part*"))


def test_parts_of_another_matrix_are_left_alone(address: str, tmp_path: Path) -> None:
    network = simulator.load(NETWORK)
    cluster.matrix_parts(network, cluster.asked((str(NETWORK),), {}, "tcp/443", (), (), str(tmp_path)), address)
    for other in ("tcp/80", None):
        with pytest.raises(InputError, match="parts of another matrix"):
            cluster.matrix_parts(network, cluster.asked((str(NETWORK),), {}, other, (), (), str(tmp_path)), address)
    (tmp_path / cluster.MANIFEST).write_text("{")
    with pytest.raises(InputError, match="parts of another matrix"):
        cluster.matrix_parts(network, cluster.asked((str(NETWORK),), {}, "tcp/443", (), (), str(tmp_path)), address)


def test_a_network_that_was_changed_is_read_again(address: str, tmp_path: Path) -> None:
    text, file = NETWORK.read_text(), tmp_path / "network.yaml"
    for number, said in enumerate((text, text.replace("tcp/80", "tcp/81").replace("tcp/443", "tcp/444"))):
        file.write_text(said)
        folder = tmp_path / "parts"
        cluster.matrix_parts(simulator.load(file), cluster.asked((str(file),), {}, None, (), (), str(folder)), address)
        rows = rows_of(folder)
        assert rows == sorted(simulator.load(file).matrix().rows()), number
        folder.rename(tmp_path / f"parts-{number}")
    assert rows != rows_of(tmp_path / "parts-0")


def test_a_worker_that_reads_another_network_says_so(address: str, tmp_path: Path) -> None:
    other = cluster.asked((str(NETWORK.with_name("w22-ipv6.yaml")),), {}, "tcp/443", (), (), str(tmp_path))
    with pytest.raises(InputError, match="reads another network"):
        cluster.matrix_parts(simulator.load(NETWORK), other, address)


def test_the_block_of_a_lost_worker_is_given_to_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of two workers ends itself at the first block it is given, once."""
    distributed = pytest.importorskip("distributed", reason="the extra `distributed` is not installed")
    monkeypatch.setattr(cluster, "SOURCES", 1)
    network = simulator.load(NETWORK)
    work = cluster.asked((str(NETWORK),), {}, "tcp/443", (), (), str(tmp_path / "parts"))
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1") as workers,
        distributed.Client(workers) as client,
    ):
        ending = [client.submit(ends_once, str(tmp_path / f"ended-{at}"), pure=False, retries=3) for at in range(2)]
        parts = cluster.matrix_parts(network, work, workers.scheduler_address)
        assert client.gather(ending) == ["ended before", "ended before"]
    assert all(part.exists() for part in parts)
    assert rows_of(tmp_path / "parts") == sorted(network.matrix("tcp/443").rows())


def ends_once(mark: str) -> str:
    import os
    from pathlib import Path as Place

    if Place(mark).exists():
        return "ended before"
    Place(mark).touch()
    os.kill(os.getpid(), 9)
    return "not ended"


def test_a_block_that_fails_is_told(address: str, tmp_path: Path) -> None:
    network = simulator.load(NETWORK)
    work = cluster.asked((str(tmp_path / "nothing.yaml"),), {}, "tcp/443", (), (), str(tmp_path / "parts"))
    with pytest.raises(InputError, match=r"part-.*nothing.yaml.*goes on from there"):
        cluster.matrix_parts(network, work, address)


def test_a_scheduler_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    pytest.importorskip("distributed", reason="the extra `distributed` is not installed")
    monkeypatch.setattr(cluster, "PATIENCE", "200ms")
    assert run(["matrix", str(NETWORK), "tcp/443", "--cluster", "tcp://127.0.0.1:9", "--parquet", str(tmp_path / "parts")]) == 2
    assert "`tcp://127.0.0.1:9` is no scheduler of a Dask cluster that answers" in capsys.readouterr().err


def test_without_the_extra_or_a_folder_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    assert run(["matrix", str(NETWORK), "tcp/443", "--cluster", "local"]) == 2
    assert "--parquet FOLDER" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert run(["matrix", str(NETWORK), "tcp/443", "--cluster", "local", "--parquet", str(tmp_path / "parts")]) == 2
    assert "pip install 'vpcsim[distributed]'" in capsys.readouterr().err
    assert not (tmp_path / "parts").exists()


def test_a_cluster_of_its_own_and_a_manifest_that_says_what_the_parts_are(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra `distributed` is not installed")
    work = cluster.asked((str(NETWORK),), {}, "tcp/443", (), (), str(tmp_path))
    assert len(cluster.matrix_parts(simulator.load(NETWORK), work, cluster.LOCAL, workers=1)) == 1
    assert rows_of(tmp_path) == sorted(simulator.load(NETWORK).matrix("tcp/443").rows())
    manifest = json.loads((tmp_path / cluster.MANIFEST).read_text())
    assert (manifest["schema"], manifest["service"]) == (cluster.SCHEMA, "tcp/443")

"""The matrix of a network too large for one process: blocks of it as tasks of a Dask cluster (extra `distributed`), each a Parquet part.

A task is pure: it names some sources, destinations and services, and writes their rows to a file of its own, whole or not at all. So a
block whose worker is lost is given to another, and a run that was broken off goes on where it was: what is there is not asked again.
Workers map the lowered network from one file in the folder of the parts, which all of them must see under the same path, and read the
network once each. A worker should have one thread.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator.problems import InputError

if TYPE_CHECKING:
    from simulator.api import Network

LOCAL = "local"
SOURCES, DESTINATIONS, SERVICES = 8192, 32768, 4  # of a block, at most
RETRIES = 3  # of a task that fails, or whose worker is lost
MANIFEST, PROGRAM = "matrix.json", "network.program"
SCHEMA = "vpcsim/matrix-parts/1"
PATIENCE = "10s"  # until a scheduler answers
LOCK = threading.Lock()
Progress = Callable[[int, int], None]


class Work(NamedTuple):
    """What all tasks of one matrix share: the inputs of the network and their parameters, the service or none, the ends, the folder.
    stamp: tells the matrix from one of the same words about a network that was changed.
    """

    inputs: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]
    service: str | None
    sources: tuple[str, ...] | None
    destinations: tuple[str, ...] | None
    folder: str
    stamp: str = ""


class Part(NamedTuple):
    """A block: from where to where on each axis."""

    sources: tuple[int, int]
    destinations: tuple[int, int]
    services: tuple[int, int]

    @property
    def file(self) -> str:
        """The name of its file."""
        return "part-" + "-".join(f"{first}.{end}" for first, end in self) + ".parquet"


def matrix_parts(network: Network, work: Work, address: str, *, workers: int | None = None, progress: Progress | None = None) -> list[Path]:
    """Answer a matrix on a cluster, and return its parts. address: `local` for a cluster on this machine, or that of a scheduler.

    Raises `InputError` without the extra, for a folder with parts of another matrix, a scheduler that is not there, or a block that failed
    again and again.
    """
    from simulator.evaluate.batch.storage import save
    from simulator.report.matrix import need_arrow

    _library()
    need_arrow()
    folder = Path(work.folder)
    folder.mkdir(parents=True, exist_ok=True)
    save(network._program, folder / PROGRAM)
    axes = network.matrix_axes(work.service, sources=work.sources, destinations=work.destinations)
    work = work._replace(stamp=_same_as_before(folder, work, axes))
    parts = list(blocks(*map(len, axes)))
    missing = [part for part in parts if not (folder / part.file).exists()]
    if missing:
        with _client(address, workers) as client:
            _run(client, work, missing, len(parts), progress or (lambda _done, _of: None))
    return [folder / part.file for part in parts]


def blocks(sources: int, destinations: int, services: int) -> Iterator[Part]:
    """All blocks of a matrix. Services are parted first: a block costs for its sources and for its destinations, not for pairs alone."""
    for service in _steps(services, SERVICES):
        for source in _steps(sources, SOURCES):
            for destination in _steps(destinations, DESTINATIONS):
                yield Part(source, destination, service)


def _steps(size: int, most: int) -> Iterator[tuple[int, int]]:
    return ((first, min(first + most, size)) for first in range(0, size, most))


def _same_as_before(folder: Path, work: Work, axes: tuple[list[str], ...]) -> str:
    """Leave word of what the parts of a folder are, or see that they are these; returns their stamp."""
    told = json.dumps([work.service, axes]).encode() + (folder / PROGRAM).read_bytes()
    manifest = {"schema": SCHEMA, "service": work.service or "", "of": hashlib.sha256(told).hexdigest()}
    file = folder / MANIFEST
    if not file.exists():
        file.write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
        return manifest["of"]
    try:
        known = json.loads(file.read_text("utf-8"))
    except ValueError:
        known = None
    if known != manifest:
        raise InputError(f"{folder}: holds parts of another matrix, or of this one as it was; name another folder, or remove it")
    return manifest["of"]


def _run(client: Any, work: Work, parts: list[Part], of: int, progress: Progress) -> None:
    waiting = {
        client.submit(answer, work, part, key=f"{work.folder}/{part.file} of {work.stamp}", retries=RETRIES, pure=True): part
        for part in parts
    }
    done = of - len(parts)
    progress(done, of)
    try:
        for future in _library().as_completed(waiting):
            error = future.exception()
            if error is not None:
                words = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
                raise InputError(f"{waiting[future].file}: {words}; what is done is kept, and the same command goes on from there")
            done += 1
            progress(done, of)
    finally:
        client.cancel(list(waiting))


def answer(work: Work, part: Part) -> str:
    """Answer one block and write its part; called on a worker."""
    from simulator.report.matrix import write_parquet

    with LOCK:  # a worker with threads reads the network once
        network = _opened(work)
    _keep_memory()
    found = network.matrix(work.service, sources=work.sources, destinations=work.destinations, part=part)
    file = Path(work.folder, part.file)
    aside = file.with_name(f".{part.file}.{threading.get_ident()}")
    try:
        write_parquet(found, aside)
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)
    return part.file


@lru_cache(maxsize=1)
def _opened(work: Work) -> Network:
    from simulator.api import load
    from simulator.evaluate.batch.storage import open_mapped

    network = load(work.inputs, parameters=dict(work.parameters))
    program = open_mapped(Path(work.folder, PROGRAM))
    if len(program.nodes.kind) != len(network.flow_graph.nodes):
        raise InputError("a worker reads another network than the one that was lowered; do all of them see the same files?")
    vars(network)["_program"] = program
    return network


@cache
def _keep_memory() -> None:
    """Have the C library keep memory that is freed. Dask's workers are told to give it back at each free
    (MALLOC_TRIM_THRESHOLD_), which makes arrays that come and go several times slower.
    """
    import ctypes

    trim_threshold, mmap_threshold = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(trim_threshold, 1 << 30)
        library.mallopt(mmap_threshold, 1 << 25)


def _library() -> Any:
    try:
        import distributed  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError:
        raise InputError("a cluster needs the extra `distributed`: pip install 'vpcsim[distributed]'") from None
    return distributed


@contextmanager
def _client(address: str, workers: int | None) -> Iterator[Any]:
    library = _library()
    if address == LOCAL:
        with (
            library.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1") as cluster,
            library.Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = library.Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise InputError(f"`{address}` is no scheduler of a Dask cluster that answers: {error}") from None
    with client:
        yield client


def asked(
    inputs: tuple[str, ...],
    parameters: Mapping[str, str],
    service: str | None,
    sources: tuple[str, ...],
    destinations: tuple[str, ...],
    folder: str,
) -> Work:
    """What a command line asks for; paths are made absolute, since workers may run elsewhere."""
    places = tuple(str(Path(one).resolve()) for one in inputs)
    return Work(places, tuple(sorted(parameters.items())), service, sources or None, destinations or None, str(Path(folder).resolve()))

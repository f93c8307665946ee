"""Test results as JUnit XML, which every CI system reads."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from simulator.report.escape import plain

Case = tuple[str, float, str, str]  # the name, the seconds, `failure`, `error` or nothing, and the words


def write_junit(suites: Iterable[tuple[str, list[Case]]]) -> bytes:
    """The document of some suites, each a name and its cases.

    >>> b'name="x -&gt; y" time="0.500"' in write_junit([("a.yaml", [("x -> y", 0.5, "", "")])])
    True
    """
    root = ElementTree.Element("testsuites")
    for name, cases in suites:
        counts = {kind: sum(case[2] == kind for case in cases) for kind in ("failure", "error")}
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            {
                "name": plain(name),
                "tests": str(len(cases)),
                "failures": str(counts["failure"]),
                "errors": str(counts["error"]),
            },
        )
        for title, seconds, kind, words in cases:
            attributes = {"classname": plain(name), "name": plain(title), "time": f"{seconds:.3f}"}
            case = ElementTree.SubElement(suite, "testcase", attributes)
            if kind:
                first, *_ = words.splitlines() or [""]
                found = ElementTree.SubElement(case, kind, {"message": plain(first)})
                found.text = "\n".join(map(plain, words.splitlines()))
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))

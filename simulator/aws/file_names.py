"""Which of several things the name of a file speaks of, where an answer of the AWS command line does not say.

`describe-target-health`, `describe-instance-health` and attributes of load balancers and target groups say only what they found, so the
name of what was asked about has to be in the file's name: `target-health-web.json`, `web.attributes.json`, `web/health.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

# What such a name may have besides: words of the commands that print such answers.
WORDS = (
    "describe|aws|elb|elbv2|elasticloadbalancing|load|balancers?|loadbalancers?|target|targets|groups?|targetgroups?|tg|lb|alb|nlb|clb"
    "|instances?|health|attributes?"
)
PART = re.compile(r"[/\\:. _=,@+()]+")


def spoken_of(file: str, names: Mapping[str, Iterable[str]]) -> list[str]:
    """The things, with the names that each has, of which one stands in the name of a file, or of the folder it is in, as a whole: alone,
    or beside words of the command. One that is called by such a word only where nothing else is there.

    >>> names = {"one": ["web"], "two": ["web-2"], "three": ["health"]}
    >>> spoken_of("answers/target-health-web-2.json", names), spoken_of("web/describe-target-health.json", names)
    (['two'], ['one'])
    """
    text = "/".join(file.split("/")[-2:]).replace("%2F", "/").replace("%3A", ":")
    parts = [part for part in PART.split(text) if part]
    found = {name for own in names.values() for name in own if name and any(_is_about(part, name) for part in parts)}
    found = {name for name in found if not re.fullmatch(rf"(?:(?:{WORDS})-?)+", name)} or found
    return [thing for thing, own in names.items() if found & set(own)]


def _is_about(part: str, name: str) -> bool:
    return re.fullmatch(rf"(?:(?:.*-)?(?:{WORDS})-)?{re.escape(name)}(?:-(?:{WORDS})(?:-.*)?)?", part) is not None

"""Every rule of docs/semantics.md is covered by a test or a scenario, or docs/ledger.toml says why not and what it means."""

from tests.house.ledger import EFFECTS, GAP, ROOT, ledger

HOW = "write a test named after it (`def test_{id}_...`) or name it in the `why` of a scenario; else list it in docs/ledger.toml"


def test_an_id_stands_for_one_rule() -> None:
    assert len(ledger().rules) > 300
    assert ledger().twice == ()


def test_every_rule_is_covered_or_listed() -> None:
    read = ledger()
    missing = [rule for rule in read.rules if rule not in read.covered and rule not in read.listed]
    assert missing == [], f"nothing covers {', '.join(missing)}: {HOW}"


def test_no_rule_is_covered_and_listed() -> None:
    read = ledger()
    both = {rule: read.covered[rule][:3] for rule in read.listed if rule in read.covered}
    assert both == {}, "take these out of docs/ledger.toml, something covers them; or name the test that shows a gap as `shown_by`"


def test_every_listed_rule_exists() -> None:
    read = ledger()
    assert [rule for rule in read.listed if rule not in read.rules] == [], "docs/ledger.toml lists ids that docs/semantics.md does not have"


def test_every_entry_says_what_it_means() -> None:
    entries = ledger().listed.values()
    assert [entry.rule for entry in entries if entry.effect not in EFFECTS or not entry.why] == []
    assert [entry.rule for entry in entries if entry.shown_by and entry.effect != GAP] == [], "only a gap has a test that shows it"


def test_what_shows_a_gap_exists() -> None:
    def is_there(named: str) -> bool:
        path, _, test = named.partition("::")
        return (ROOT / path).is_file() and f"def {test}(" in (ROOT / path).read_text("utf-8")

    shown = {entry.shown_by for entry in ledger().listed.values() if entry.shown_by}
    assert [name for name in sorted(shown) if not is_there(name)] == [], "`shown_by` in docs/ledger.toml names tests that are gone"


def test_no_text_names_a_rule_that_does_not_exist() -> None:
    assert dict(ledger().unknown) == {}, "docs/semantics.md has no such rules"


def test_enough_of_the_rules_that_change_a_verdict_are_covered() -> None:
    read = ledger()
    assert read.share >= read.least_share, f"{read.share:.1%}; `python -m tests.house.ledger` prints what is missing"

"""The pytest plugin: salt, profile, budget, ledger and report for claims in a test suite.

It imports neither SymPy nor NumPy by itself: a suite without claims pays nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest

from numerics.suite import plan as plans
from numerics.suite.record import Record

RECORD: pytest.StashKey[Record] = pytest.StashKey()
STATE: pytest.StashKey[_State] = pytest.StashKey()
LEAST_BUDGET = 1024


class _State:
    """What the process that reports has gathered."""

    def __init__(self, how: str, before: plans.Plan | None) -> None:
        self.how, self.before = how, before
        self.tests: dict[str, list[dict[str, Any]]] = {}
        self.lines: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("collapse", "claims checked by simulation")
    add = group.addoption
    add(
        "--collapse-salt",
        metavar="HEX",
        help="Salt of the noise: hexadecimal digits, 'fresh' (the default in CI), or 'pinned' "
        "(the default elsewhere: drawn once and kept in the cache).",
    )
    add(
        "--collapse-profile",
        choices=sorted(plans.PROFILES),
        help="Examples and draws of a property (default: ci in CI, dev elsewhere).",
    )
    add("--collapse-budget", type=int, metavar="DRAWS", help="Draws at one point, at most.")
    add(
        "--collapse-jobs",
        type=int,
        default=1,
        metavar="N",
        help="Processes that certify may use; tests run side by side with pytest-xdist.",
    )
    add("--collapse-ledger", metavar="FILE", help="Pool evidence over runs in this file.")
    add("--collapse-json", metavar="FILE", help="Write what was found as JSON.")
    add(
        "--collapse-strict",
        action="store_true",
        help="Count INCONCLUSIVE as failed; otherwise it is shown like xfail.",
    )


def _in_ci() -> bool:
    return any(os.environ.get(word) for word in ("CI", "BUILD_NUMBER"))


def _fresh() -> str:
    # The operating system's randomness, as in `numerics.streams`, which would import NumPy.
    return os.urandom(8).hex()


def _salt(config: pytest.Config) -> tuple[str, str]:
    """The salt of the run, and where it comes from."""
    worker = getattr(config, "workerinput", None)
    if worker is not None and "collapse_salt" in worker:
        return worker["collapse_salt"], "of the session"
    asked = config.getoption("--collapse-salt") or ("fresh" if _in_ci() else "pinned")
    if asked == "fresh":
        return _fresh(), "fresh"
    if asked != "pinned":
        if not re.fullmatch(r"[0-9a-fA-F]{1,64}", asked):
            raise pytest.UsageError(
                f"--collapse-salt takes 1 to 64 hexadecimal digits, fresh or pinned, not {asked!r}"
            )
        return asked.lower(), "given"
    cache = getattr(config, "cache", None)
    if cache is None:
        return _fresh(), "fresh: there is no cache to pin it in"
    kept = cache.get("collapse/salt", None)
    if not isinstance(kept, str) or not re.fullmatch(r"[0-9a-f]{16}", kept):
        kept = _fresh()
        cache.set("collapse/salt", kept)
    return kept, "pinned in the cache"


def pytest_configure(config: pytest.Config) -> None:
    """Fix the plan of the run."""
    salt, how = _salt(config)
    budget, jobs = config.getoption("--collapse-budget"), config.getoption("--collapse-jobs")
    if budget is not None and budget < LEAST_BUDGET:
        raise pytest.UsageError(f"--collapse-budget takes {LEAST_BUDGET} or more, not {budget}")
    if jobs < 1:
        raise pytest.UsageError(f"--collapse-jobs takes 1 or more, not {jobs}")
    plan = plans.Plan(
        salt,
        profile=config.getoption("--collapse-profile") or ("ci" if _in_ci() else "dev"),
        budget=budget,
        jobs=jobs,
    )
    file = config.getoption("--collapse-ledger")
    if file:
        from numerics.suite.ledger import Ledger, LedgerError

        try:
            ledger = Ledger.read(file)
        except LedgerError as error:
            raise pytest.UsageError(str(error)) from None
        runs = {content: len(entry.runs) for content, entry in ledger.entries.items()}
        plan = replace(plan, pooled=True, prior=ledger.prior(salt), runs=runs)
    config.stash[STATE] = _State(how, plans.activate(plan))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Restore the plan before: a run may be part of another one's test."""
    state = config.stash.get(STATE, None)
    if state is not None:
        plans.activate(state.before)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give the workers of pytest-xdist the salt of the session."""
    node.workerinput["collapse_salt"] = plans.current().salt


def pytest_report_header(config: pytest.Config) -> str:
    """Print what repeats the run."""
    plan = plans.current()
    parts = [f"salt {plan.salt} ({config.stash[STATE].how})", f"profile {plan.profile}"]
    if plan.budget:
        parts.append(f"budget {plan.budget}")
    if config.getoption("--collapse-ledger"):
        parts.append(f"ledger {config.getoption('--collapse-ledger')}")
    return "collapse: " + ", ".join(parts)


def _evaluations(item: pytest.Item) -> int:
    """Points that a test may judge."""
    return int(getattr(getattr(item, "obj", None), "collapse_evaluations", plans.CAP))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Split the error budget of the run over its tests.

    Every worker of pytest-xdist collects the same tests, so that all of them use the thresholds
    that one process would use, and together they make no more evaluations than it might.
    """
    sizes = [_evaluations(item) for item in session.items if isinstance(item, pytest.Function)]
    plans.activate(replace(plans.current(), evaluations=plans.shared(sizes)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Keep the findings of a test."""
    record = Record(item.nodeid, plans.current(), _evaluations(item), reported=True)
    item.stash[RECORD] = record
    with record.active():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the findings of a test into its outcome."""
    report = yield
    record = item.stash.get(RECORD, None)
    if report.when != "call" or record is None or not record.touched:
        return report
    from numerics.suite.settlement import settle

    settled = settle(record)
    report.__dict__["collapse"] = settled.claims
    if report.outcome != "passed":
        return report
    if settled.accusation:
        report.outcome, report.longrepr = "failed", settled.accusation
    elif settled.doubt:
        message = f"INCONCLUSIVE: {settled.doubt}"
        if item.config.getoption("--collapse-strict"):
            report.outcome, report.longrepr = "failed", message
        else:
            report.outcome = "skipped"
            report.wasxfail = message
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> Generator[None, None, None]:
    """Gather what tests have found, here or in workers."""
    found = getattr(report, "collapse", None)
    if found is not None and _gathering:
        _gathering[-1].tests[report.nodeid] = found
    return (yield)


_gathering: list[_State] = []


def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin to gather, unless somebody else does."""
    if not hasattr(session.config, "workerinput"):
        _gathering.append(session.config.stash[STATE])


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the ledger and the report."""
    config = session.config
    if hasattr(config, "workerinput") or not _gathering:
        return
    state = _gathering.pop()
    plan = plans.current()
    ledger, report = (config.getoption(f"--collapse-{word}") for word in ("ledger", "json"))
    if not (ledger or report):
        return
    from theory.errors import InvalidInput

    try:
        if ledger:
            _write_ledger(ledger, state, plan.salt)
        if report:
            from numerics.suite.summary import write_json

            write_json(report, {"salt": plan.salt, "profile": plan.profile}, state.tests)
    except InvalidInput as error:
        state.lines.append(f"ERROR: {error}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _write_ledger(path: str, state: _State, salt: str) -> None:
    from numerics.suite.ledger import Ledger

    runs = [
        (each["content"], each["claim"], salt, each["pooled"])
        for claims in state.tests.values()
        for each in claims
        if each["pooled"]
    ]
    ledger = Ledger.update(path, runs)
    for standing in ledger.standings(dict.fromkeys(content for content, *_ in runs)):
        state.lines.append(f"ledger: {standing}")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table of claims."""
    state = config.stash.get(STATE, None)
    if state is None or not (state.tests or state.lines):
        return
    from numerics.suite.summary import table

    terminalreporter.section("claims")
    writer = terminalreporter._tw
    if state.tests:
        for line in table(state.tests, writer.fullwidth, color=writer.hasmarkup).splitlines():
            terminalreporter.write_line(line)
    for line in state.lines:
        terminalreporter.write_line(line)
    terminalreporter.write_line(f"to repeat the noise: --collapse-salt={plans.current().salt}")

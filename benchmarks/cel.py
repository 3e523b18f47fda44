"""Evaluating and compiling CEL rules, side by side with hand-written Python and with what else evaluates CEL.

    python -m benchmarks.cel [--objects N] [--json]

The figures are microseconds of the processor: the median of rounds in which the contenders take turns, so that a machine
that slows down slows all of them; and the median of each round's ratio to the same rule written in Python by hand, which is as fast as it
gets. The garbage collector runs, as it does for users.

All start from the same dictionaries, as YAML and JSON give them; whoever needs another form of them pays for the
conversion, as their users do. "proved" is the function that does not count what it costs, which runs where no limit can
be reached; "counted" is the one that counts. "of a schema" is what users call: the walk through the schema, and the rule.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from benchmarks.cel_rules import OLD, RULES, SPEC, schema
from benchmarks.figures import print_figures
from kubecrd.cel.program import compile_expression
from kubecrd.schema.declarations import declare
from kubecrd.schema.rules import SchemaRules
from kubecrd.schema.structural import Structural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.cel_rules import BenchmarkRule

ROUNDS = 11
TURN_SECONDS = 0.005
RATED = "Python"


# --- who evaluates


def python(rule: BenchmarkRule) -> Callable[[], Any]:
    by_hand = rule.by_hand
    return lambda: by_hand(SPEC, OLD)


def kubecrd_proved(rule: BenchmarkRule) -> Callable[[], Any]:
    evaluate = _compiled(rule).evaluate
    return lambda: evaluate(SPEC, OLD)


def kubecrd_counted(rule: BenchmarkRule) -> Callable[[], Any]:
    measure = _compiled(rule).measure
    return lambda: measure(SPEC, OLD)[0]  # and what it cost


def kubecrd_schema(rule: BenchmarkRule) -> Callable[[], Any]:
    rules = SchemaRules(Structural.of(schema(rule.text)), is_root=False)
    return lambda: not rules.validate(SPEC, OLD)


def _compiled(rule: BenchmarkRule) -> Any:
    kind = declare(Structural.of(schema()))
    assert kind is not None
    return compile_expression(rule.text, {"self": kind, "oldSelf": kind})


def celpy_interpreted(rule: BenchmarkRule) -> Callable[[], Any]:
    import celpy

    return _celpy(rule, celpy.InterpretedRunner)


def celpy_compiled(rule: BenchmarkRule) -> Callable[[], Any]:
    import celpy

    return _celpy(rule, celpy.CompiledRunner)


def _celpy(rule: BenchmarkRule, runner: Any) -> Callable[[], Any]:
    import celpy

    celpy.CELParser.CEL_PARSER = None  # or the tree is that of the runner that came first
    environment = celpy.Environment(runner_class=runner)
    program = environment.program(environment.compile(rule.text))

    def evaluate() -> Any:
        return program.evaluate({name: celpy.json_to_cel(value) for name, value in _mentioned(rule).items()})

    return evaluate


def rust(rule: BenchmarkRule) -> Callable[[], Any]:
    import cel

    program = cel.compile(rule.text)
    given = _mentioned(rule)
    return lambda: program.execute(given)


def cpp(rule: BenchmarkRule) -> Callable[[], Any]:
    expression = _cpp_environment().compile(rule.text)
    given = _mentioned(rule)
    return lambda: expression.eval(data=given).value()


def _cpp_environment() -> Any:
    from cel_expr_python import cel

    return cel.NewEnv(variables={"self": cel.Type.DYN, "oldSelf": cel.Type.DYN})


def _mentioned(rule: BenchmarkRule) -> Mapping[str, Any]:
    """Give the variables that the rule has: nobody need convert an old object that no rule looks at."""
    return {"self": SPEC, "oldSelf": OLD} if "oldSelf" in rule.text else {"self": SPEC}


EVALUATORS = {
    "Python": python,
    "kubecrd, proved": kubecrd_proved,
    "kubecrd, counted": kubecrd_counted,
    "kubecrd, of a schema": kubecrd_schema,
    "celpy, interpreted": celpy_interpreted,
    "celpy, compiled": celpy_compiled,
    "Rust (common-expression-language)": rust,
    "C++ (cel-expr-python)": cpp,
}
FAILING = {("celpy, compiled", "has-guard")}
"""What celpy's compiled programs cannot evaluate: they negate what `has` gives."""


# --- who compiles


def compile_kubecrd(rule: BenchmarkRule) -> Callable[[], Any]:
    kind = declare(Structural.of(schema()))
    assert kind is not None
    variables = {"self": kind, "oldSelf": kind}
    return lambda: compile_expression(rule.text, variables).source


def compile_celpy(rule: BenchmarkRule) -> Callable[[], Any]:
    import celpy

    celpy.CELParser.CEL_PARSER = None
    environment = celpy.Environment(runner_class=celpy.InterpretedRunner)
    return lambda: environment.program(environment.compile(rule.text))


def compile_rust(rule: BenchmarkRule) -> Callable[[], Any]:
    import cel

    return lambda: cel.compile(rule.text)


def compile_cpp(rule: BenchmarkRule) -> Callable[[], Any]:
    environment = _cpp_environment()
    return lambda: environment.compile(rule.text)


COMPILERS = {
    "kubecrd": compile_kubecrd,
    "celpy": compile_celpy,
    "Rust (common-expression-language)": compile_rust,
    "C++ (cel-expr-python)": compile_cpp,
}


# --- who starts


STARTS = {
    "kubecrd": "from kubecrd.cel.program import compile_expression; compile_expression('1 + 1 == 2', {}).evaluate()",
    "celpy": "import celpy; e = celpy.Environment(); e.program(e.compile('1 + 1 == 2')).evaluate({})",
}
"""From nothing to the first verdict, in a process of its own; of three, the quickest, since files may not be at hand yet."""


def start(program: str) -> float:
    timed = f"import time; t = time.perf_counter()\n{program}\nprint((time.perf_counter() - t) * 1e6)"
    printed = subprocess.run([sys.executable, "-c", timed], check=True, capture_output=True, text=True)  # noqa: S603
    return float(printed.stdout)


# --- measuring


@frozen
class Contender:
    """One way to do it.

    Attributes:
        run: Does it once.
        times: How often a round does it.
    """

    run: Callable[[], Any]
    times: int

    def microseconds(self) -> float:
        """Take one round."""
        run, rounds = self.run, range(self.times)
        started = time.thread_time()
        for _ in rounds:
            run()
        return (time.thread_time() - started) / self.times * 1e6


def contender(run: Callable[[], Any], most: int) -> Contender:
    """Find how often a turn of *run* does it: what it takes is between a tenth of a microsecond and a third of a second."""
    once = min(Contender(run, 1).microseconds() for _ in range(3)) / 1e6
    return Contender(run, max(1, min(most, int(TURN_SECONDS / once))))


def rounds_of(contenders: Mapping[str, Contender]) -> dict[str, list[float]]:
    """Let the contenders take turns."""
    rounds: dict[str, list[float]] = {name: [] for name in contenders}
    order = list(contenders)
    for _ in range(ROUNDS):
        for name in order:
            rounds[name].append(contenders[name].microseconds())
        order.append(order.pop(0))  # what one leaves behind, in caches and for the collector, falls to another in turn
    return rounds


def evaluation(rule: BenchmarkRule, most: int) -> dict[str, float]:
    """Take the figures of one rule."""
    contenders = {}
    for name, evaluator in EVALUATORS.items():
        if (name, rule.name) not in FAILING:
            run = evaluator(rule)
            assert run(), (name, rule.name)  # a wrong answer is not worth timing
            contenders[name] = contender(run, most)
    rounds = rounds_of(contenders)
    figures = {f"{rule.name}: {name}, µs": statistics.median(found) for name, found in rounds.items()}
    for name in [each for each in rounds if each != RATED]:
        ratios = [found / rated for found, rated in zip(rounds[name], rounds[RATED], strict=True)]
        figures[f"{rule.name}: {name}, times {RATED}"] = statistics.median(ratios)
    return figures


def compilation(most: int) -> dict[str, float]:
    """Take the figures of compiling every rule: the median of the rules, and the slowest."""
    found = {}
    for rule in RULES:
        rounds = rounds_of({name: contender(make(rule), most) for name, make in COMPILERS.items()})
        found[rule.name] = {name: statistics.median(times) for name, times in rounds.items()}
    figures = {f"compiling: {name}, µs": statistics.median(each[name] for each in found.values()) for name in COMPILERS}
    slowest = {f"compiling: {name}, slowest, µs": max(each[name] for each in found.values()) for name in COMPILERS}
    return figures | slowest


def measure(objects: int) -> dict[str, float]:
    """Take the figures."""
    figures: dict[str, float] = {}
    for rule in RULES:
        figures |= evaluation(rule, objects)
    figures |= compilation(max(objects // 100, 1))
    for name, program in STARTS.items():
        figures[f"import and first rule: {name}, ms"] = min(start(program) for _ in range(3)) / 1000
    return figures


def main() -> None:
    """Print the figures."""
    print_figures(measure, about=__doc__, objects="evaluations of a round, at most")


if __name__ == "__main__":
    main()

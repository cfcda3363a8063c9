"""Expressions as programs on mpmath numbers.

SymPy's own ``evalf`` neither knows how precise a difference of Gamma ratios is nor sums a million
terms in time; here an expression is compiled once to closures and run at whatever precision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from mpmath import mp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from theory.errors import InvalidInput
from theory.evaluation.functions import CONSTANTS, FUNCTIONS, STEPS, by_sympy, gamma_product
from theory.evaluation.integrals import integral_of
from theory.evaluation.machine import (
    Machine,
    Node,
    adder,
    holds,
    key,
    power,
    remember,
    stepper,
    whole,
)
from theory.evaluation.roots import NamedRoot, polynomial_roots
from theory.evaluation.sums import product_of, sum_of
from theory.named import NamedFunction

Definitions = Mapping[Any, Any]


class Compiler:
    """Turns an expression into a `Node`; remembers which letters it needs."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = dict(definitions)
        self.needed: set[str] = set()
        self.bound: list[str] = []
        self.nodes: dict[tuple[Any, tuple[str, ...]], tuple[Node, frozenset[str]]] = {}
        self.opening: set[str] = set()

    def compile(self, expression: Any) -> Node:
        """Compile under the bound variables of the moment."""
        return self._visit(sp.sympify(expression))[0]

    def _visit(self, expression: sp.Basic) -> tuple[Node, frozenset[str]]:
        """The node, and the bound variables that its value depends on."""
        index = (expression, tuple(self.bound))
        if index not in self.nodes:
            node, depends = self._build(expression)
            if not depends and expression.args:
                node = remember(node, expression)
            self.nodes[index] = node, depends
        return self.nodes[index]

    def _build(self, expression: Any) -> tuple[Node, frozenset[str]]:
        if isinstance(expression, sp.Integer):
            exact = int(expression)
            return (lambda m: exact), frozenset()
        if isinstance(expression, sp.Rational):
            p, q = int(expression.p), int(expression.q)
            return (lambda m: mp.mpf(p) / q), frozenset()
        if isinstance(expression, sp.Float):
            bits = expression._mpf_
            return (lambda m: mp.make_mpf(bits)), frozenset()
        if expression in CONSTANTS:
            constant = CONSTANTS[expression]
            return (lambda m: +constant), frozenset()
        if isinstance(expression, sp.Symbol):
            return self._symbol(expression)
        if isinstance(expression, sp.Sum | sp.Product):
            kind = sp.Sum if isinstance(expression, sp.Sum) else sp.Product
            return self._series(kind, expression.function, expression.limits)
        if isinstance(expression, sp.Integral):
            return self._series(sp.Integral, expression.function, expression.limits)
        if isinstance(expression, sp.Piecewise):
            return self._piecewise(expression)
        if isinstance(expression, sp.Mul) or isinstance(expression.as_base_exp()[0], sp.gamma):
            return self._product(expression)
        if isinstance(expression, AppliedUndef):
            raise InvalidInput(f"{expression} is an unknown function; it has no value")
        known = isinstance(expression, sp.Add | sp.Pow | sp.Function | sp.Max | sp.Min)
        if not (known and all(isinstance(x, sp.Expr) for x in expression.args)):
            raise InvalidInput(f"{expression.func.__name__} cannot be evaluated: {expression}")
        if isinstance(expression, sp.frac | sp.Mod):
            whole_part = expression.args[1] if isinstance(expression, sp.Mod) else sp.Integer(1)
            over = expression.args[0] / whole_part
            return self._visit(expression.args[0] - whole_part * sp.floor(over, evaluate=False))
        if expression.func in STEPS:
            return self._step(expression)
        parts = [self._visit(argument) for argument in expression.args]
        nodes = tuple(node for node, _ in parts)
        depends = frozenset().union(*(d for _, d in parts)) if parts else frozenset()
        if isinstance(expression, sp.Add):
            return adder(nodes), depends
        if isinstance(expression, sp.Pow):
            base, exponent = nodes
            if expression.exp == sp.S.Half:
                return (lambda m: mp.sqrt(base(m))), depends
            return (lambda m: power(base(m), exponent(m))), depends
        function = FUNCTIONS.get(expression.func)
        if function is None and isinstance(expression, NamedFunction):
            function = type(expression).numeric
        if function is None:
            named = expression.func
            return (lambda m: by_sympy(named, [node(m) for node in nodes])), depends
        call = function
        return (lambda m: call(*[node(m) for node in nodes])), depends

    def _step(self, expression: Any) -> tuple[Node, frozenset[str]]:
        """Heaviside, floor and the like: the terms of the argument apart, to know their size."""
        terms = [self._visit(x) for x in sp.Add.make_args(expression.args[0])]
        rest = [self._visit(x) for x in expression.args[1:]]
        depends = frozenset().union(*(d for _, d in (*terms, *rest)))
        nodes = tuple(node for node, _ in terms)
        return stepper(STEPS[expression.func], nodes, tuple(node for node, _ in rest)), depends

    def _symbol(self, symbol: sp.Symbol) -> tuple[Node, frozenset[str]]:
        name = key(symbol)
        if name in self.bound:
            return (lambda m: m.env[name]), frozenset((name,))
        for given, meaning in self.definitions.items():
            if str(given) == name:
                return self._defined(name, meaning), frozenset()
        self.needed.add(name)
        return (lambda m: m.env[name]), frozenset()

    def _defined(self, name: str, meaning: Any) -> Node:
        if name in self.opening:
            raise InvalidInput(f"the definition of {name} refers to itself")
        self.opening.add(name)
        outer, self.bound = self.bound, []
        node: Node
        if isinstance(meaning, NamedRoot):
            polynomial = (meaning.polynomial, meaning.variable)
            coefficients = [self.compile(c) for c in meaning.coefficients()]
            place = meaning.index

            def root(m: Machine) -> Any:
                roots = m.memo.get(polynomial)
                if roots is None:
                    roots = m.memo[polynomial] = polynomial_roots([c(m) for c in coefficients])
                if place >= len(roots):
                    raise InvalidInput(
                        f"{name}: at these values its polynomial has {len(roots)} roots only"
                    )
                return roots[place]

            node = root

        else:
            node = self.compile(meaning)
        self.bound = outer
        self.opening.discard(name)
        return node

    def _series(
        self, kind: Any, function: Any, limits: tuple[Any, ...]
    ) -> tuple[Node, frozenset[str]]:
        """A Sum, Product or Integral; several limits nest, the first innermost."""
        if len(limits[-1]) != 3:
            raise InvalidInput(f"a {kind.__name__} over {limits[-1]} has no limits")
        variable, low, high = limits[-1]
        if kind is sp.Sum and len(limits) == 1 and function.is_polynomial(variable):
            closed = sp.Sum(function, limits[0]).doit()
            if not closed.has(sp.Sum):  # Faulhaber; its upper end need not be an integer
                return self._visit(closed)
        name = key(variable)
        (low_node, low_depends), (high_node, high_depends) = self._visit(low), self._visit(high)
        self.bound.append(name)
        if len(limits) > 1:
            body, body_depends = self._series(kind, function, limits[:-1])
        else:
            body, body_depends = self._visit(function)
        self.bound.pop()
        combine = {sp.Sum: sum_of, sp.Product: product_of, sp.Integral: integral_of}[kind]

        def node(m: Machine) -> Any:
            def term(k: Any, prec: int) -> Any:
                peer = m.at(prec)
                peer.env[name] = k
                with mp.workprec(prec):
                    return body(peer)

            ends = [f(m) for f in (low_node, high_node)]
            if kind is not sp.Integral:
                ends = [whole(name, end) for end in ends]
            return combine(term, ends[0], ends[1])

        return node, (low_depends | high_depends | (body_depends - {name}))

    def _product(self, expression: Any) -> tuple[Node, frozenset[str]]:
        """Factors; Gamma functions together, because a pole of one may be a zero of the whole."""
        plain: list[Node] = []
        above: list[Node] = []
        below: list[Node] = []
        depends: frozenset[str] = frozenset()
        for factor in sp.Mul.make_args(expression):
            base, exponent = factor.as_base_exp()
            if isinstance(base, sp.gamma) and exponent.is_Integer:
                node, found = self._visit(base.args[0])
                (above if exponent > 0 else below).extend([node] * abs(int(exponent)))
            else:
                node, found = self._visit(factor)
                plain.append(node)
            depends |= found

        def product(m: Machine) -> Any:
            result = gamma_product([f(m) for f in above], [f(m) for f in below])
            for f in plain:
                result = result * f(m)
            return result

        return product, depends

    def _piecewise(self, expression: sp.Piecewise) -> tuple[Node, frozenset[str]]:
        branches = []
        depends: frozenset[str] = frozenset()
        for value, condition in expression.args:
            node, found = self._visit(value)
            test, tested = self._condition(condition)
            branches.append((node, test))
            depends |= found | tested

        def choose(m: Machine) -> Any:
            for node, test in branches:
                if test(m):
                    return node(m)
            raise InvalidInput(f"no branch of {expression} applies")

        return choose, depends

    def _condition(self, condition: Any) -> tuple[Node, frozenset[str]]:
        if condition in (True, False, sp.true, sp.false):
            fixed = bool(condition)
            return (lambda m: fixed), frozenset()
        if isinstance(condition, sp.And | sp.Or | sp.Not):
            parts = [self._condition(argument) for argument in condition.args]
            tests = [test for test, _ in parts]
            depends = frozenset().union(*(d for _, d in parts))
            if isinstance(condition, sp.Not):
                return (lambda m: not tests[0](m)), depends
            join = all if isinstance(condition, sp.And) else any
            return (lambda m: join(test(m) for test in tests)), depends
        if isinstance(condition, Relational):
            (left, a), (right, b) = self._visit(condition.lhs), self._visit(condition.rhs)
            relation = type(condition)
            return (lambda m: holds(relation, left(m), right(m))), a | b
        raise InvalidInput(f"the condition {condition} cannot be evaluated")

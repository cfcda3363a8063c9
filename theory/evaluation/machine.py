"""One run of a compiled expression, and the operations that its nodes are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from mpmath import mp

from theory.domain import Number
from theory.evaluation.sums import NotWhole


def key(symbol: sp.Symbol) -> str:
    """The name under which a symbol's value is kept; dummies of one name stay apart."""
    if isinstance(symbol, sp.Dummy):
        return f"{symbol.name} #{symbol.dummy_index}"
    return str(symbol.name)


class Machine:
    """One run of a program: the numbers at one precision, and what was computed from them."""

    def __init__(self, values: Mapping[str, Number], prec: int) -> None:
        self.values = values
        self.prec = prec
        self.lost = 0  # bits that the worst cancellation of a sum has cost
        self.memo: dict[Any, Any] = {}
        self.peers: dict[int, Machine] = {prec: self}
        with mp.workprec(prec):
            self.env = {name: _number(value) for name, value in values.items()}

    def at(self, prec: int) -> Machine:
        """The same run at another precision, with the bound variables where they stand."""
        peer = self.peers.get(prec)
        if peer is None:
            peer = Machine(self.values, prec)
            peer.peers = self.peers
            self.peers[prec] = peer
        if peer is not self:
            for name, value in self.env.items():
                if name not in self.values:
                    peer.env[name] = value
        return peer


Node = Callable[[Machine], Any]


def _number(value: Number) -> Any:
    if isinstance(value, Fraction):
        return mp.mpf(value.numerator) / value.denominator
    return value if isinstance(value, int) else mp.mpf(value)


def whole(name: str, value: Any) -> Any:
    if mp.isinf(value):
        return value
    nearest = mp.nint(mp.re(value))
    if abs(value - nearest) > mp.mpf(2) ** (-mp.prec // 2) * (1 + abs(nearest)):
        raise NotWhole(f"the index {name} has the limit {mp.nstr(value, 15)}, no integer")
    return int(nearest)


def holds(relation: Any, left: Any, right: Any) -> bool:
    """A relation between computed numbers; equal up to rounding counts as equal."""
    gap = left - right
    equal = abs(gap) <= (abs(left) + abs(right)) * mp.mpf(2) ** (-mp.prec * 3 // 4)
    if relation in (sp.Eq, sp.Ne):
        return equal == (relation is sp.Eq)
    gap = mp.re(gap)
    if relation in (sp.Le, sp.Ge):
        return bool(equal or (gap < 0) == (relation is sp.Le))
    return bool(not equal and (gap < 0) == (relation is sp.Lt))


def adder(nodes: tuple[Node, ...]) -> Node:
    def add(m: Machine) -> Any:
        total: Any = 0
        top = None
        for node in nodes:
            value = node(m)
            total = total + value
            if not isinstance(value, int) and value != 0:
                size = mp.mag(value)
                top = size if top is None or size > top else top
        if top is not None and mp.isfinite(total):
            m.lost = max(m.lost, top - mp.mag(total) if total != 0 else m.prec)
        return total

    return add


def stepper(step: Callable[..., Any], terms: tuple[Node, ...], rest: tuple[Node, ...]) -> Node:
    """A function that jumps at integers, of a sum: what is an integer up to rounding, is one."""

    def at_step(m: Machine) -> Any:
        before, m.lost = m.lost, 0
        parts = [term(m) for term in terms]
        noise = m.lost > m.prec * 3 // 4  # nothing but rounding is left of a factor
        m.lost = max(m.lost, before)
        value = sum(parts[1:], parts[0])
        if not isinstance(value, int) and mp.im(value) == 0 and mp.isfinite(value):
            value = mp.re(value)
            nearest = mp.nint(value)
            room = sum(abs(part) for part in parts) * mp.mpf(2) ** (-mp.prec * 3 // 4)
            if (0 < abs(value - nearest) <= room and (nearest != 0 or len(parts) > 1)) or (
                noise and nearest == 0
            ):
                m.lost = max(m.lost, m.prec)  # it takes more precision to say so
                value = nearest
        return step(value, *[node(m) for node in rest])

    return at_step


def remember(node: Node, expression: sp.Basic) -> Node:
    def once(m: Machine) -> Any:
        found = m.memo.get(expression)
        if found is None:
            found = m.memo[expression] = node(m)
        return found

    return once


def power(base: Any, exponent: Any) -> Any:
    """base**exponent; integers stay integers while they are short."""
    if isinstance(base, int):
        if isinstance(exponent, int) and 0 <= exponent <= 16:
            return base**exponent
        base = mp.mpf(base)
    if base == 0 and mp.re(exponent) < 0:
        raise ZeroDivisionError
    return base**exponent

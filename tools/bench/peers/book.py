"""A book of options, ranges and holdings on two underlyings in many scenarios, valued directly: position by position over an array of spots."""

import numpy
from scipy.special import ndtr


def prepare(columns, variant):
    names = ("underlying", "kind", "p", "q", "r", "quantity")
    positions = list(zip(*(columns[name].tolist() for name in names)))
    volatilities = columns["volatility"].tolist()
    rate, carry = columns["rates"].tolist()
    moved = [columns["spots0"], columns["spots1"]]
    now = [columns["now"][:1], columns["now"][1:]]

    def value(spots):
        logs = [numpy.log(one) for one in spots]
        roots = [numpy.sqrt(one) for one in spots]
        total = numpy.zeros_like(spots[0])
        for underlying, kind, p, q, r, quantity in positions:
            u = int(underlying)
            if kind == 0:
                deviation = volatilities[u] * r**0.5
                d1 = (logs[u] + (carry * r - numpy.log(p))) / deviation + 0.5 * deviation
                asset = numpy.exp((carry - rate) * r) * spots[u] * ndtr(q * d1)
                cash = p * numpy.exp(-rate * r) * ndtr(q * (d1 - deviation))
                total += quantity * q * (asset - cash)
            elif kind == 1:
                low, high = p**0.5, q**0.5
                clamped = numpy.clip(roots[u], low, high)
                total += r * (spots[u] * (1 / clamped - 1 / high) + (clamped - low))
            else:
                total += p * spots[u]
        return total

    def one_pass():
        return value(moved) - value(now)

    return {"n": 1 if variant == "books" else len(positions) * len(moved[0]), "pass": one_pass}

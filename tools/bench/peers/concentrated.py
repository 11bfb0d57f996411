"""Ranges of concentrated liquidity at many prices, range by range over an array of prices: V by the price clamped to the range."""

import numpy


def prepare(columns, variant):
    liquidity, lower, upper, prices = columns["L"], columns["a"], columns["b"], columns["P"]
    out = numpy.empty((len(liquidity), len(prices)))

    def one_pass():
        roots = numpy.sqrt(prices)
        for row, size, low, high in zip(out, liquidity, numpy.sqrt(lower), numpy.sqrt(upper)):
            clamped = numpy.clip(roots, low, high)
            row[:] = size * (prices * (1 / clamped - 1 / high) + (clamped - low))
        return out

    return {"n": out.size, "pass": one_pass}

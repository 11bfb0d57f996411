"""The normal distribution and its quantile over an array: scipy.special.ndtr and ndtri."""

import numpy
from scipy.special import ndtr, ndtri


def prepare(columns, variant):
    x = columns["x"]
    out = numpy.empty_like(x)
    f = {"cdf": ndtr, "quantile": ndtri}[variant]
    return {"n": len(x), "pass": lambda: f(x, out)}

"""Exponentially weighted covariance with correlations shrunk to their mean (Ledoit & Wolf 2004), by weights and matrix products."""

import numpy

VARIANCE_HALF_LIFE, CORRELATION_HALF_LIFE, START = 23, 60, 60


def weights_of(dates, half_life):
    """Equal weights of the first dates, which then fade like all others."""
    keep = 0.5 ** (1 / half_life)
    later = dates - START
    faded = (1 - keep) * keep ** numpy.arange(later - 1, -1, -1.0)
    return numpy.concatenate([numpy.full(START, keep**later / START), faded])


def shrunk(x, weights):
    """Correlations on returns of mean square 1, and their intensity at the effective number of observations."""
    assets = x.shape[1]
    x = x / numpy.sqrt(weights @ (x * x))
    squares = x * x
    weighted = weights[:, None] * x
    r = x.T @ weighted
    pi = squares.T @ (weights[:, None] * squares) - r * r
    theta = (squares * x).T @ weighted - r
    off = ~numpy.eye(assets, dtype=bool)
    mean = r[off].mean()
    rho = mean * (theta + theta.T) / 2
    gamma = ((mean - r[off]) ** 2).sum()
    effective = weights.sum() ** 2 / (weights**2).sum()
    intensity = min(1, max(0, (pi - rho)[off].sum() / effective / gamma))
    out = (1 - intensity) * r + intensity * mean
    numpy.fill_diagonal(out, 1)
    return out


def prepare(columns, variant):
    dates = int(columns["dates"][0])
    x = columns["returns"].reshape(dates, -1)

    def one_pass():
        sigma = numpy.sqrt(weights_of(dates, VARIANCE_HALF_LIFE) @ (x * x))
        return shrunk(x, weights_of(dates, CORRELATION_HALF_LIFE)) * numpy.outer(sigma, sigma)

    return {"n": 1, "pass": one_pass}

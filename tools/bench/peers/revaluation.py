"""A book of options in many scenarios, valued directly: option by option over an array of spots, which beats one big matrix."""

import numpy
from scipy.special import ndtr


def prepare(columns, variant):
    names = ("kind", "strike", "time", "volatility", "rate", "carry", "quantity")
    options = list(zip(*(columns[name].tolist() for name in names)))
    spots, spot_now = columns["spots"], columns["spotNow"]

    def value(spots):
        logs = numpy.log(spots)
        total = numpy.zeros_like(spots)
        for kind, strike, time, volatility, rate, carry, quantity in options:
            deviation = volatility * time**0.5
            d1 = (logs + (carry * time - numpy.log(strike))) / deviation + 0.5 * deviation
            asset = numpy.exp((carry - rate) * time) * spots * ndtr(kind * d1)
            cash = strike * numpy.exp(-rate * time) * ndtr(kind * (d1 - deviation))
            total += quantity * kind * (asset - cash)
        return total

    def one_pass():
        return value(spots) - value(spot_now)

    return {"n": 1 if variant == "books" else len(options) * len(spots), "pass": one_pass}

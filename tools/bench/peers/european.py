"""European options by generalised Black-Scholes, vectorised in numpy with scipy's ndtr; what options share is computed once."""

import numpy
from scipy.special import ndtr

INV_SQRT_2_PI = 0.3989422804014327


def prepare(columns, variant):
    kind, spot, strike, time, volatility, rate, carry = (
        columns[name] for name in ("kind", "spot", "strike", "time", "volatility", "rate", "carry")
    )
    is_all = variant == "all"

    def one_pass():
        root = numpy.sqrt(time)
        deviation = volatility * root
        d1 = (numpy.log(spot / strike) + carry * time) / deviation + 0.5 * deviation
        d2 = d1 - deviation
        growth = numpy.exp((carry - rate) * time)
        discount = numpy.exp(-rate * time)
        density = INV_SQRT_2_PI * numpy.exp(-0.5 * d1 * d1) * growth
        delta = kind * growth * ndtr(kind * d1)
        asset = spot * delta
        cash = kind * strike * discount * ndtr(kind * d2)
        price = asset - cash
        gamma = density / (spot * deviation)
        vega = spot * density * root
        theta = -0.5 * vega * volatility / time - (carry - rate) * asset - rate * cash
        rho = time * cash
        if not is_all:
            return price, delta, gamma, vega, theta, rho
        carry_rho = time * asset
        vanna = -density * d2 / volatility
        volga = vega * d1 * d2 / volatility
        return price, delta, gamma, vega, theta, rho, carry_rho, vanna, volga

    return {"n": len(spot), "pass": one_pass}

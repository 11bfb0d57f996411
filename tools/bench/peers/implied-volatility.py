"""Implied volatility by Jaeckel's method: his C code as translated to Python by py_lets_be_rational, price by price."""

from math import exp, sqrt

from py_lets_be_rational.lets_be_rational import implied_volatility_from_a_transformed_rational_guess


def prepare(columns, variant):
    names = ("kind", "spot", "strike", "time", "rate", "carry", "price")
    rows = list(zip(*(columns[name].tolist() for name in names)))

    def one_pass():
        return [
            implied_volatility_from_a_transformed_rational_guess(
                price * exp(rate * time), spot * exp(carry * time), strike, time, kind
            )
            for kind, spot, strike, time, rate, carry, price in rows
        ]

    return {"n": len(rows), "pass": one_pass}

"""American options by QuantLib: Andersen-Lake with its default scheme, Barone-Adesi-Whaley, Bjerksund-Stensland."""

import QuantLib as ql
from repricing import TODAY, after, kind_of, plain_process, repricing

ENGINES = {
    "andersen-lake": ql.QdFpAmericanEngine,
    "barone-adesi-whaley": ql.BaroneAdesiWhaleyApproximationEngine,
    "bjerksund-stensland": ql.BjerksundStenslandApproximationEngine,
}


def prepare(columns, variant):
    def american(row, spot):
        payoff = ql.PlainVanillaPayoff(kind_of(row), row.strike)
        option = ql.VanillaOption(payoff, ql.AmericanExercise(TODAY, after(row.time)))
        option.setPricingEngine(ENGINES[variant](plain_process(row, spot)))
        return option

    return repricing(columns, american)

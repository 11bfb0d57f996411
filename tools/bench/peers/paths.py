"""Lookbacks, Asians and exchange options by QuantLib's analytic engines."""

import QuantLib as ql
from repricing import after, kind_of, plain_process, process_of, repricing


def lookback_floating(row, spot):
    payoff = ql.FloatingTypePayoff(kind_of(row))
    option = ql.ContinuousFloatingLookbackOption(row.extremum, payoff, ql.EuropeanExercise(after(row.time)))
    option.setPricingEngine(ql.AnalyticContinuousFloatingLookbackEngine(plain_process(row, spot)))
    return option


def lookback_fixed(row, spot):
    payoff = ql.PlainVanillaPayoff(kind_of(row), row.strike)
    option = ql.ContinuousFixedLookbackOption(row.extremum, payoff, ql.EuropeanExercise(after(row.time)))
    option.setPricingEngine(ql.AnalyticContinuousFixedLookbackEngine(plain_process(row, spot)))
    return option


def lookback_partial(row, spot):
    option = ql.ContinuousPartialFloatingLookbackOption(
        row.extremum,
        row.multiple,
        after(row.lookbackTime),
        ql.FloatingTypePayoff(kind_of(row)),
        ql.EuropeanExercise(after(row.time)),
    )
    option.setPricingEngine(ql.AnalyticContinuousPartialFloatingLookbackEngine(plain_process(row, spot)))
    return option


def asian_turnbull_wakeman(row, spot):
    dates = [after((i + 1) * row.step / 365) for i in range(int(row.count))]
    payoff = ql.PlainVanillaPayoff(kind_of(row), row.strike)
    exercise = ql.EuropeanExercise(after(row.time))
    option = ql.DiscreteAveragingAsianOption(ql.Average.Arithmetic, 0.0, 0, dates, payoff, exercise)
    option.setPricingEngine(ql.TurnbullWakemanAsianEngine(plain_process(row, spot)))
    return option


def asian_kemna_vorst(row, spot):
    payoff = ql.PlainVanillaPayoff(kind_of(row), row.strike)
    option = ql.ContinuousAveragingAsianOption(ql.Average.Geometric, payoff, ql.EuropeanExercise(after(row.time)))
    option.setPricingEngine(ql.AnalyticContinuousGeometricAveragePriceAsianEngine(plain_process(row, spot)))
    return option


def margrabe(row, spot):
    rate = 0.05
    first = process_of(spot, rate, rate - row.dividendYield1, row.vol1)
    second = process_of(ql.SimpleQuote(row.spot2), rate, rate - row.dividendYield2, row.vol2)
    option = ql.MargrabeOption(int(row.quantity1), int(row.quantity2), ql.EuropeanExercise(after(row.time)))
    option.setPricingEngine(ql.AnalyticEuropeanMargrabeEngine(first, second, row.correlation))
    return option


def prepare(columns, variant):
    makers = (lookback_floating, lookback_fixed, lookback_partial, asian_turnbull_wakeman, asian_kemna_vorst, margrabe)
    return repricing(columns, {maker.__name__.replace("_", "-"): maker for maker in makers}[variant])

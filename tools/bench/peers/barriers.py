"""Barrier options, digitals and touches by QuantLib's analytic engines."""

import QuantLib as ql
from repricing import TODAY, after, kind_of, plain_process, repricing


def barrier(row, spot):
    kinds = {(1, 1): ql.Barrier.UpIn, (1, -1): ql.Barrier.UpOut, (-1, 1): ql.Barrier.DownIn, (-1, -1): ql.Barrier.DownOut}
    payoff = ql.PlainVanillaPayoff(kind_of(row), row.strike)
    option = ql.BarrierOption(
        kinds[int(row.direction), int(row.knock)], row.barrier, row.rebate, payoff, ql.EuropeanExercise(after(row.time))
    )
    option.setPricingEngine(ql.AnalyticBarrierEngine(plain_process(row, spot)))
    return option


def double_barrier(row, spot):
    kind = ql.DoubleBarrier.KnockIn if row.knock > 0 else ql.DoubleBarrier.KnockOut
    payoff = ql.PlainVanillaPayoff(kind_of(row), row.strike)
    option = ql.DoubleBarrierOption(kind, row.lower, row.upper, 0.0, payoff, ql.EuropeanExercise(after(row.time)))
    option.setPricingEngine(ql.AnalyticDoubleBarrierEngine(plain_process(row, spot)))
    return option


def digital(row, spot):
    payoff = ql.CashOrNothingPayoff(kind_of(row), row.strike, row.cash)
    option = ql.VanillaOption(payoff, ql.EuropeanExercise(after(row.time)))
    option.setPricingEngine(ql.AnalyticEuropeanEngine(plain_process(row, spot)))
    return option


def one_touch(row, spot):
    payoff = ql.CashOrNothingPayoff(ql.Option.Call if row.direction > 0 else ql.Option.Put, row.barrier, row.cash)
    option = ql.VanillaOption(payoff, ql.AmericanExercise(TODAY, after(row.time)))
    option.setPricingEngine(ql.AnalyticDigitalAmericanEngine(plain_process(row, spot)))
    return option


def prepare(columns, variant):
    makers = {"barrier": barrier, "double-barrier": double_barrier, "digital": digital, "one-touch": one_touch}
    return repricing(columns, makers[variant])

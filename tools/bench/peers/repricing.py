"""How QuantLib is asked to price again and again: instruments that stay, one quote of each that moves before each op."""

from types import SimpleNamespace

import QuantLib as ql

TODAY = ql.Date(1, 1, 2026)
CLOCK = ql.Actual365Fixed()
ql.Settings.instance().evaluationDate = TODAY


def after(years):
    return TODAY + int(round(years * 365))


def kind_of(row):
    return ql.Option.Call if row.kind > 0 else ql.Option.Put


def process_of(spot, rate, carry, volatility):
    """Generalised Black-Scholes on a quote; the yield is rate - carry."""
    curve = lambda value: ql.YieldTermStructureHandle(ql.FlatForward(TODAY, value, CLOCK))
    surface = ql.BlackVolTermStructureHandle(ql.BlackConstantVol(TODAY, ql.NullCalendar(), volatility, CLOCK))
    return ql.BlackScholesMertonProcess(ql.QuoteHandle(spot), curve(rate - carry), curve(rate), surface)


def plain_process(row, spot):
    return process_of(spot, row.rate, row.carry, row.volatility)


def asked_again(quotes, instruments, spots):
    """A pass that moves a quote and asks for the net present value, for each spot in turn."""
    count = len(instruments)
    steps = [(quotes[i % count].setValue, instruments[i % count].NPV, spot) for i, spot in enumerate(spots)]

    def one_pass():
        out = []
        for move, value, spot in steps:
            move(spot)
            out.append(value())
        return out

    return one_pass


def repricing(columns, instrument_of):
    """`instrument_of(row, spot)` gives an instrument with its engine. Overhead: the same loop over plain stocks."""
    count = int(columns["instruments"][0])
    names = [name for name in columns if name != "instruments"]
    rows = [SimpleNamespace(**{name: float(columns[name][i]) for name in names}) for i in range(count)]
    spots = columns["spot"].tolist()
    quotes = [ql.SimpleQuote(row.spot) for row in rows]
    instruments = [instrument_of(row, quote) for row, quote in zip(rows, quotes)]
    held = [ql.SimpleQuote(row.spot) for row in rows]
    stocks = [ql.Stock(ql.QuoteHandle(quote)) for quote in held]
    return {"n": len(spots), "pass": asked_again(quotes, instruments, spots), "overhead": asked_again(held, stocks, spots)}

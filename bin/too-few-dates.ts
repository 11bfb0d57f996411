// Whether a history is long enough for a level of confidence, in words: beyond what was seen a tail is a guess.

/** Ten exceedances behind a level: with fewer the figure has a standard error of a third of itself or more. */
const leastExceedances = 10

/** Undefined where there are enough. @param what such as `a day`; @param bars such as `days` */
export function tooFewDates(params: {
  readonly dates: number
  readonly level: number
  readonly what: string
  readonly bars: string
}): string | undefined {
  const { dates, level, what, bars } = params
  const needed = Math.round(leastExceedances / (1 - level))
  if (!(dates < needed)) return undefined
  const percent = `${Number((100 * level).toFixed(2))} %`
  const beyond =
    dates * (1 - level) < 1 ? ': the level lies beyond all that was seen, and ES says little more than VaR' : ''
  return `${what} at ${percent} rests on ${dates.toLocaleString('en')} ${bars}, fewer than the ${needed.toLocaleString('en')} that ten exceedances take${beyond}`
}

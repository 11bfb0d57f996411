import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { barSeconds, missingBars } from '../../../lib/model/history.ts'
import { type CandleRequest, fetchCandles } from '../../../lib/sources/history/candles/fetch-candles.ts'
import { candleSources } from '../../../lib/sources/history/candles/index.ts'
import {
  type Answer,
  type CandleServer,
  type CandleServerParams,
  candleAt,
  startCandleServer,
} from './fixture/candle-server.ts'

const [coinbase, binance] = candleSources
const hour = 3_600
/** 2024-03-01T12:34:56Z: in the middle of an hour. */
const now = 1_709_296_496
const midnight = 1_709_251_200
const servers: CandleServer[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())))

interface Fetched {
  readonly params?: Partial<CandleServerParams>
  readonly request?: Partial<CandleRequest>
  /** Of our clock. */
  readonly at?: number
}

async function fetched({ params = {}, request = {}, at = now }: Fetched) {
  const server = await startCandleServer({ now: () => now, ...params })
  servers.push(server)
  const waits: number[] = []
  const deps = {
    now: () => at,
    chance: () => 0.5,
    pause: async (milliseconds: number) => void waits.push(milliseconds),
  }
  const source = request.source ?? coinbase
  const result = await fetchCandles(deps, {
    source,
    asset: 'BTC',
    interval: '1h',
    from: midnight - 2_000 * hour,
    to: now,
    baseUrl: server.url,
    ...request,
  })
  const pauses = waits.filter((wait) => wait !== source.pauseMs)
  return { ...result, bars: result.history.bars, asked: server.asked, waits: pauses }
}

const startsOf = (bars: readonly { readonly start: number }[]) => bars.map(({ start }) => start)
const hours = (from: number, to: number) =>
  Array.from({ length: (to - from) / hour }, (_, index) => from + index * hour)
const rowsOf = (healthy: Answer) => healthy.body as readonly unknown[][]

describe.each(candleSources.map((source) => [source.name, source] as const))('%s', (_, source) => {
  it('tells every closed bar of a span, over pages, and not the open one', async () => {
    const { bars, asked, requests, refused, stopped, history } = await fetched({ request: { source } })
    expect(startsOf(bars)).toEqual(hours(midnight - 2_000 * hour, midnight + 12 * hour))
    const { start, open, high, low, close } = bars[1_500] ?? bars[0] ?? candleAt(0, 1)
    const truth = candleAt(start, hour)
    expect([open, high, low, close].map((price) => price.toFixed(6))).toEqual(
      [truth.open, truth.high, truth.low, truth.close].map((price) => price.toFixed(6)),
    )
    expect(requests).toBe(Math.ceil(2_012 / source.pageSize))
    expect(asked).toHaveLength(requests)
    expect([refused, stopped]).toEqual([{}, undefined])
    expect(history.quote).toBe(source.name === 'coinbase' ? 'USD' : 'USDT')
  })

  it('gives the same bars for every interval and span, whatever is missing', async () => {
    const span = fc.record({
      interval: fc.constantFrom('5m' as const, '1h' as const, '1d' as const),
      bars: fc.integer({ min: 1, max: 700 }),
      offset: fc.integer({ min: 0, max: 86_399 }),
      every: fc.integer({ min: 2, max: 40 }),
    })
    await fc.assert(
      fc.asyncProperty(span, async ({ interval, bars, offset, every }) => {
        const length = barSeconds[interval]
        const from = midnight - bars * length - offset
        const isMissing = (start: number) => (start / length) % every === 0
        const result = await fetched({ params: { isMissing }, request: { source, interval, from, to: midnight } })
        const first = Math.ceil(from / length) * length
        const all = Array.from({ length: (midnight - first) / length }, (_, index) => first + index * length)
        expect(startsOf(result.bars)).toEqual(all.filter((start) => !isMissing(start)))
      }),
      { numRuns: 15 },
    )
  })

  it('keeps a gap as a gap', async () => {
    const gap = [midnight, midnight + hour, midnight + 2 * hour]
    const { bars } = await fetched({
      params: { isMissing: (start) => gap.includes(start) },
      request: { source, from: midnight - 5 * hour },
    })
    expect(missingBars(bars, '1h')).toEqual([{ from: midnight, to: midnight + 3 * hour, count: 3 }])
  })

  it('takes overlapping, repeated and unordered pages for what they are', async () => {
    const bend: CandleServerParams['bend'] = (_, healthy) => {
      const rows = rowsOf(healthy)
      return { body: [...rows, ...rows.slice(0, 9)].sort((a, b) => Math.sin(Number(a[0])) - Math.sin(Number(b[0]))) }
    }
    const { bars, refused } = await fetched({ params: { bend }, request: { source } })
    expect(startsOf(bars)).toEqual(hours(midnight - 2_000 * hour, midnight + 12 * hour))
    expect(refused).toEqual({})
  })

  it('believes neither of two candles that contradict each other', async () => {
    const bend: CandleServerParams['bend'] = (_, healthy) => {
      const [first = [], ...rest] = rowsOf(healthy)
      const other = first.map((value, index) =>
        index === 4 ? (typeof value === 'string' ? `${Number(value) * 1.001}` : Number(value) * 1.001) : value,
      )
      return { body: [first, other, ...rest] }
    }
    const { bars, refused } = await fetched({
      params: { bend },
      request: { source, from: midnight, to: midnight + 3 * hour },
    })
    expect(bars).toHaveLength(2)
    expect(Object.values(refused)).toEqual([1])
  })

  it('leaves out rows that are no candles, and says why', async () => {
    const at = (start: number) => (source.name === 'coinbase' ? start : start * 1_000)
    const junk = [
      null,
      'x',
      {},
      [],
      [at(midnight)],
      [null, 1, 1, 1, 1, 1, 1],
      [at(midnight + 1), 1, 1, 1, 1, 1, 1],
      [at(midnight), 'NaN', 1, 1, 1, 1, 1],
      [at(midnight), 0, 0, 0, 0, 1, 1],
      [at(midnight), 1, 1, -1, 1, 1, 1],
      [at(midnight), 1, null, 1, 1, 1, 1],
      [at(midnight), 5, 1, 3, 3, 1, 1],
      [at(midnight), '1e5', '1', '1', '1', '1', 1],
      ['0', 1, 1, 1, 1, 1, 1],
      [1e300, 1, 1, 1, 1, 1, 1],
    ]
    const bend: CandleServerParams['bend'] = (_, healthy) => ({
      body: [...junk, ...rowsOf(healthy).filter(([start]) => start !== at(midnight))],
    })
    const { bars, refused } = await fetched({
      params: { bend },
      request: { source, from: midnight - hour, to: midnight + 2 * hour },
    })
    expect(startsOf(bars)).toEqual([midnight - hour, midnight + hour])
    expect(Object.values(refused).reduce((sum, count) => sum + count, 0)).toBe(junk.length)
  })

  it.each([
    ['a page of HTML', { body: '<html>maintenance</html>' }, 'candles-malformed'],
    ['JSON that ends in the middle', { body: '[[1709251200, 1, 2' }, 'candles-malformed'],
    ['JSON of another shape', { body: { data: [] } }, 'candles-malformed'],
    ['nothing', { body: '' }, 'candles-malformed'],
    ['an error of theirs', { status: 503, body: 'down' }, 'candles-http-status'],
  ] satisfies [string, Answer, string][])(
    'asks again after %s, and gives up with a reason',
    async (_, answer, code) => {
      const once = await fetched({
        params: { bend: (n) => (n === 0 ? answer : undefined) },
        request: { source, from: midnight },
      })
      expect(once.bars).toHaveLength(12)
      expect(once.waits).toEqual([500])
      const always = await fetched({ params: { bend: () => answer }, request: { source, from: midnight } })
      expect(always.stopped?.error.code).toBe(code)
      expect(always.waits).toEqual([500, 1_000, 2_000, 4_000])
      expect(always.bars).toEqual([])
    },
  )

  it('does not read 10 MB', async () => {
    const { stopped, requests } = await fetched({
      params: { bend: () => ({ body: `[${' '.repeat(10_000_000)}]` }) },
      request: { source, from: midnight },
    })
    expect(stopped?.error.code).toBe('candles-too-large')
    expect(requests).toBe(1)
  })

  it('waits for as long as it is told, and no longer than it may', async () => {
    const limited = (retryAfter: string): Answer => ({
      status: 429,
      headers: { 'retry-after': retryAfter },
      body: { message: 'slow down', msg: 'slow down' },
    })
    const patient = await fetched({
      params: { bend: (n) => (n < 2 ? limited('7') : undefined) },
      request: { source, from: midnight },
    })
    expect(patient.bars).toHaveLength(12)
    expect(patient.waits).toEqual([7_000, 7_000])
    const dated = await fetched({
      params: { bend: (n) => (n === 0 ? limited(new Date((now + 30) * 1_000).toUTCString()) : undefined) },
      request: { source, from: midnight },
    })
    expect(dated.waits).toEqual([30_000])
    const banned = await fetched({
      params: { bend: () => ({ ...limited('259200'), status: 418 }) },
      request: { source, from: midnight },
    })
    expect(banned.stopped?.error).toMatchObject({
      code: 'candles-limited',
      facts: { status: 418, retryAfterSeconds: 259_200 },
    })
    expect(banned.requests).toBe(1)
    const without = await fetched({
      params: { bend: (n) => (n === 0 ? { status: 429, body: '' } : undefined) },
      request: { source, from: midnight },
    })
    expect(without.waits).toEqual([500])
  })

  it('keeps what came before a failure, and says where to go on', async () => {
    const result = await fetched({
      params: { bend: (n) => (n > 0 ? { status: 400, body: { message: 'no', msg: 'no' } } : undefined) },
      request: { source },
    })
    expect(result.bars).toHaveLength(source.pageSize)
    expect(result.stopped).toMatchObject({
      at: midnight - 2_000 * hour + source.pageSize * hour,
      error: { code: 'candles-refused' },
    })
  })

  it('has a budget of requests', async () => {
    const { stopped, requests } = await fetched({
      request: { source, from: midnight - 20_000 * hour, limits: { requests: 3 } },
    })
    expect(requests).toBe(3)
    expect(stopped?.error.code).toBe('candles-budget')
  })

  it('does not follow a redirect, hang, or name its URL', async () => {
    const moved = await fetched({
      params: { bend: () => ({ status: 302, headers: { location: 'http://127.0.0.1:9/secret' }, body: '' }) },
      request: { source, from: midnight, limits: { attempts: 1 } },
    })
    expect(moved.stopped?.error.code).toBe('candles-unreachable')
    const silent = await fetched({
      params: { bend: () => ({ body: '', hangs: true }) },
      request: { source, from: midnight, limits: { attempts: 1, requestMs: 50 } },
    })
    expect(silent.stopped?.error).toMatchObject({ code: 'candles-timeout', retry: 'later' })
    const echo = await fetched({
      params: {
        bend: () => ({ status: 400, body: { message: 'see https://x.y/key?k=1\n', msg: 'see https://x.y/key?k=1\n' } }),
      },
      request: { source, from: midnight },
    })
    expect(echo.stopped?.error.message).toContain('see [url]')
  })

  it('takes no bar as closed that its own clock or the source does not', async () => {
    const fast = await fetched({ at: now + 5 * hour, request: { source, from: midnight, to: now + 10 * hour } })
    expect(startsOf(fast.bars)).toEqual(hours(midnight, midnight + 12 * hour))
    expect(fast.stopped?.error).toMatchObject({ code: 'candles-clock', facts: { skewSeconds: -5 * hour } })
    const slow = await fetched({ at: now - 5 * hour, request: { source, from: midnight, to: now + 10 * hour } })
    expect(startsOf(slow.bars)).toEqual(hours(midnight, midnight + 7 * hour))
    expect(slow.stopped).toBeUndefined()
  })

  it('asks nothing for what is still open, or for a span that ends before it begins', async () => {
    expect((await fetched({ request: { source, from: now, to: now + hour } })).asked).toEqual([])
    expect((await fetched({ request: { source, from: midnight, to: midnight - hour } })).bars).toEqual([])
  })
})

it('binance is asked no more once it says that most of its weight is used up, until its next minute', async () => {
  const bend: CandleServerParams['bend'] = (_, healthy) => ({ ...healthy, headers: { 'x-mbx-used-weight-1m': '5000' } })
  const { waits, bars } = await fetched({ params: { bend }, request: { source: binance } })
  expect(waits).toEqual([4_000, 4_000])
  expect(bars).toHaveLength(2_012)
})

it('a product that is not there is told in the words of the source', async () => {
  const dollars = await fetched({ request: { product: 'BTC-XYZ', from: midnight } })
  expect(dollars.stopped?.error).toMatchObject({
    code: 'candles-refused',
    retry: 'never',
    message: 'coinbase refused with HTTP 404: NotFound.',
  })
  const tether = await fetched({ request: { source: binance, product: 'NOPEUSDC', from: midnight } })
  expect(tether.stopped?.error.message).toContain('Invalid symbol.')
})

it.each([
  [coinbase, 'BTC-USD', 'USD'],
  [coinbase, 'ETH-EUR', 'EUR'],
  [coinbase, 'BTCUSD', undefined],
  [binance, 'BTCUSDT', 'USDT'],
  [binance, 'BTCFDUSD', 'FDUSD'],
  [binance, 'ETHBTC', 'BTC'],
  [binance, 'USDT', undefined],
  [binance, 'WHATEVER', undefined],
] as const)('of $name, %s is quoted in %s', async (source, product, quote) => {
  expect(source.quoteOf(product)).toBe(quote)
  if (quote === undefined)
    await expect(fetched({ request: { source, product } })).rejects.toMatchObject({ code: 'unknown-quote' })
})

it.each(['http://example.com', 'ftp://127.0.0.1', 'https://user:pass@example.com', 'nonsense'])(
  '%s is not asked',
  async (baseUrl) => {
    await expect(fetched({ request: { baseUrl } })).rejects.toMatchObject({ code: 'candles-url' })
  },
)

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { advanceOrder } from '../../lib/model/advance-order.ts'
import { orderPath } from '../../lib/web/order-view.ts'
import { addressOf, alice, bob, orderAt, reportAt } from '../web/desk.ts'
import { type Chromium, chromiumPath, type Page, startChromium } from './chromium.ts'
import { type DeskServer, startDesk } from './desk-server.ts'

if (chromiumPath === undefined)
  console.log('browser tests skipped: no chromium on this machine (apt-get install chromium)')

describe.skipIf(chromiumPath === undefined)('the pages in a browser', { timeout: 60_000 }, () => {
  let chromium: Chromium
  let desk: DeskServer
  let page: Page
  const now = () => Math.floor(Date.now() / 1000)

  beforeAll(async () => {
    chromium = await startChromium(chromiumPath ?? '')
  }, 60_000)
  afterAll(() => chromium.close())
  beforeEach(async () => {
    desk = await startDesk()
    page = await chromium.page()
    return () => desk.close()
  })

  /** A wallet of the given account and chain that signs on the server's side what the page hands it. */
  const wallet = (account: string, chainId: number) => `
    window.asked = []
    window.chain = ${chainId}
    window.ethereum = { request: async ({ method, params }) => {
      window.asked.push(method)
      if (method === 'eth_requestAccounts') return ['${account}']
      if (method === 'eth_chainId') return '0x' + window.chain.toString(16)
      if (method === 'wallet_switchEthereumChain') { window.chain = Number(params[0].chainId); return null }
      const typed = method === 'eth_signTypedData_v4'
      const text = () => new TextDecoder().decode(new Uint8Array(params[0].slice(2).match(/../g).map((pair) => parseInt(pair, 16))))
      const body = typed ? { kind: 'approve', typedData: JSON.parse(params[1]) } : { kind: 'reject', text: text() }
      const response = await fetch('/demo/sign', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
      return (await response.json()).signature
    } }`

  const press = (words: string) =>
    page.evaluate(`[...document.querySelectorAll('button')].find((one) => one.textContent === '${words}').click()`)
  const says = (words: string) => page.until(`document.getElementById('notice')?.textContent.includes('${words}')`)

  async function openOrder(change = {}): Promise<string> {
    const order = orderAt(now() - 30, change)
    await desk.orders.create(order)
    await page.open(`${desk.approveUrl}${orderPath(order)}`)
    return order.id
  }

  async function enter(): Promise<void> {
    await page.open(await desk.link())
    await press('Open the console')
    await page.until(`document.querySelector('[data-section=orders]')`)
  }

  test('an owner approves with the wallet of the browser, which is asked for the right chain first', async () => {
    await page.beforeEach(wallet(alice.address, 1))
    const id = await openOrder()
    await press('Approve with wallet')
    await says('Your approval was recorded')
    expect(await page.evaluate('window.asked')).toEqual([
      'eth_requestAccounts',
      'eth_chainId',
      'wallet_switchEthereumChain',
      'eth_signTypedData_v4',
    ])
    expect(await desk.orders.order(id)).toMatchObject({
      status: 'APPROVED',
      approvals: [{ approver: addressOf(alice) }],
    })
    await page.until(`document.querySelector('[data-section=status]').textContent.includes('APPROVED')`)
    await page.until(`[...document.querySelectorAll('button[data-act]')].every((one) => one.hidden)`)
    expect(page.complaints).toEqual([])
  })

  test('a wallet that is no approver is told so before it is asked to sign', async () => {
    await page.beforeEach(wallet('0x00000000000000000000000000000000000000AA', 31_337))
    await openOrder()
    await press('Approve with wallet')
    await says('is not an approver of this order')
    expect(await page.evaluate('window.asked')).toEqual(['eth_requestAccounts'])
  })

  test('a signature by another key than the wallet named is refused by the server, and the page says why', async () => {
    await page.beforeEach(wallet(bob.address, 31_337))
    const id = await openOrder({ approvers: [addressOf(bob)] })
    await press('Reject')
    await says('not by an approver')
    expect((await desk.orders.order(id))?.status).toBe('PROPOSED')
  })

  test('the demo key approves where there is one', async () => {
    const id = await openOrder()
    await press('Approve with the demo key')
    await says('Your approval was recorded')
    expect((await desk.orders.order(id))?.status).toBe('APPROVED')
    expect(page.complaints).toEqual([])
  })

  test('a rejection with the wallet ends the order', async () => {
    await page.beforeEach(wallet(alice.address, 31_337))
    const id = await openOrder()
    await press('Reject')
    await says('The order was rejected')
    expect((await desk.orders.order(id))?.status).toBe('REJECTED')
  })

  test('without a wallet the button says what to do instead', async () => {
    await openOrder()
    await press('Approve with wallet')
    await says('No wallet in this browser')
  })

  test('when the order is quoted again while it is open, nothing can be signed until the new quote is shown', async () => {
    const id = await openOrder()
    const stored = await desk.orders.order(id)
    if (stored === undefined) throw new Error('the order was stored')
    const { version, linkKey } = stored
    await desk.orders.save(orderAt(now() - 30, { quote: 2, version, linkKey }))
    await says('The order was quoted again')
    expect(await page.evaluate(`[...document.querySelectorAll('button[data-act]')].every((one) => one.disabled)`)).toBe(
      true,
    )
    expect(await page.evaluate(`document.querySelector('#notice a').textContent`)).toBe('Show the new quote')
  })

  test('when the validity runs out while the page is open, approving is switched off', async () => {
    const order = orderAt(now() - 898)
    await desk.orders.create(order)
    await page.open(`${desk.approveUrl}${orderPath(order)}`)
    await page.until(`document.getElementById('countdown').textContent.includes('over')`)
    const disabled = `[...document.querySelectorAll('button[data-act=approve]')].every((one) => one.disabled)`
    expect(await page.evaluate(disabled)).toBe(true)
  })

  test('a wallet of the desk logs in and sees the console', async () => {
    await page.beforeEach(wallet(alice.address, 31_337))
    await page.open(`${desk.consoleUrl}/login`)
    await press('Log in with wallet')
    await page.until(`document.querySelector('[data-section=figures]')?.textContent.includes('$142,318')`)
    expect(await page.evaluate('document.cookie')).toBe('')
  })

  test('the console follows the market without a reload and without closing or unselecting what is in use', async () => {
    await desk.orders.create(orderAt(now() - 30))
    await enter()
    await page.evaluate(`window.before = true; document.querySelector('details').open = true`)
    await page.evaluate(`getSelection().selectAllChildren(document.querySelector('[data-section=positions] td'))`)
    await desk.watch.putReport(reportAt(now(), { navUsd: 99_999, positions: [] }))
    const order = await desk.orders.order('treasury~restore-health~0001')
    if (order === undefined) throw new Error('the order was stored')
    await desk.orders.save(
      advanceOrder(order, {
        to: 'REJECTED',
        kind: 'rejected',
        note: 'by a test',
        at: now(),
        change: { ending: 'by a test' },
      }),
    )
    await page.until(`document.querySelector('[data-section=figures]').textContent.includes('$99,999')`)
    await page.until(`document.querySelector('[data-section=orders]').textContent.includes('REJECTED')`)
    expect(await page.evaluate(`window.before && document.querySelector('details').open`)).toBe(true)
    expect(await page.evaluate('getSelection().toString()')).toContain('Aave v3 loan')
    await page.evaluate('getSelection().removeAllRanges()')
    await page.until(`!document.querySelector('[data-section=positions]').textContent.includes('Aave v3 loan')`)
    expect(page.complaints).toEqual([])
  })

  test('when the session ends the page says so and keeps what it shows', async () => {
    await enter()
    await page.evaluate(`fetch('/logout', { method: 'POST' })`)
    await page.until(`document.getElementById('link-state').textContent.includes('Session ended')`)
    expect(await page.evaluate(`document.querySelector('[data-section=figures]').textContent`)).toContain('$142,318')
  })

  test.each([
    [390, 'light'],
    [390, 'dark'],
    [1280, 'light'],
  ] as const)('at %i pixels, %s, nothing sticks out to the side', async (width, scheme) => {
    await page.resize(width, 800, scheme)
    await desk.orders.create(orderAt(now() - 30))
    await enter()
    const excess = 'document.documentElement.scrollWidth - innerWidth'
    expect(await page.evaluate(excess)).toBeLessThanOrEqual(0)
    await page.open(`${desk.approveUrl}${orderPath(orderAt(now()))}`)
    await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true })`)
    expect(await page.evaluate(excess)).toBeLessThanOrEqual(0)
    expect(page.complaints).toEqual([])
  })
})

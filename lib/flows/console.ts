// The window on a desk: the page and its JSON, for a session only; others learn nothing.

import type { ChainCursor } from '../model/chain-cursor.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import { placesOf } from '../model/place.ts'
import type { ChainStore, ConfigStore, Log, OrderStore, WatchStore } from '../model/ports.ts'
import { type ConsoleJson, consoleJson, consolePage } from '../web/console-page.ts'
import { shortHex } from '../web/figures.ts'
import { emptyConsolePage, linkPage, loginPage } from '../web/plain-pages.ts'
import { type PortfolioView, portfolioView } from '../web/portfolio-view.ts'
import {
  type ConsoleSession,
  endSession,
  hostOfRequest,
  logIn,
  loginBody,
  loginRefusal,
  makeNonce,
  nonceBody,
  type SessionDeps,
  sessionOf,
  sessionSeconds,
  useLink,
} from './console-session.ts'
import { currentSettings } from './current-settings.ts'
import {
  type HttpRequest,
  type HttpResponse,
  jsonResponse,
  pageResponse,
  readJson,
  redirectResponse,
  refusalResponse,
  segmentsOf,
  withoutBody,
} from './http.ts'

export interface ConsoleDeps extends SessionDeps {
  readonly watch: WatchStore
  readonly orders: OrderStore
  readonly config: ConfigStore
  /** Absent: what the chains said is not shown. */
  readonly chains?: Pick<ChainStore, 'cursor'>
  readonly log: Log
  /** Where the approve door answers, if it is known. */
  readonly approveBaseUrl?: string
  /** `http` only on one machine; decides whether the cookie is Secure. */
  readonly scheme: 'http' | 'https'
}

/** How much the page shows. */
const shown = { reports: 2, snapshots: 2, alerts: 20, orders: 10, receipts: 20 } as const

/** Routes: `/login`, `/login/nonce`, `/link/:token` for everybody; `/`, `/api/session`, `/api/portfolios[/:id]`, `/logout` for a session. */
export async function showConsole(deps: ConsoleDeps, request: HttpRequest): Promise<HttpResponse> {
  if (request.method === 'HEAD') return withoutBody(await showConsole(deps, { ...request, method: 'GET' }))
  const segments = segmentsOf(request.path) ?? []
  const open = await answerAnybody(deps, { request, segments })
  if (open !== undefined) return open
  const token = request.cookies[cookieName(deps)]
  const session = await sessionOf(deps, token)
  if (session === undefined) return unknownVisitor(request, segments)
  return answerSession(deps, { request, segments, session, token })
}

async function answerAnybody(
  deps: ConsoleDeps,
  { request, segments }: { readonly request: HttpRequest; readonly segments: readonly string[] },
): Promise<HttpResponse | undefined> {
  const [first, second, ...more] = segments
  if (more.length > 0) return undefined
  const route = `${request.method} ${first}${second === undefined ? '' : first === 'link' ? '/:token' : `/${second}`}`
  switch (route) {
    case 'GET login':
      return page(deps, 200, loginPage)
    case 'POST login/nonce':
      return postNonce(deps, request)
    case 'POST login':
      return postLogin(deps, request)
    case 'GET link/:token':
      return page(deps, 200, (nonce) => linkPage(nonce, 'offer'))
    case 'POST link/:token':
      return postLink(deps, second ?? '')
    default:
      return undefined
  }
}

async function postNonce(deps: ConsoleDeps, request: HttpRequest): Promise<HttpResponse> {
  const read = readJson(request, nonceBody)
  if (read.refusal) return refusalResponse(read.refusal)
  const host = hostOfRequest(request)
  if (host === undefined) return refusalResponse(loginRefusal)
  return jsonResponse(200, await makeNonce(deps, { address: read.value.address, host, scheme: deps.scheme }))
}

async function postLogin(deps: ConsoleDeps, request: HttpRequest): Promise<HttpResponse> {
  const read = readJson(request, loginBody)
  if (read.refusal) return refusalResponse(read.refusal)
  const host = hostOfRequest(request)
  const token = host === undefined ? undefined : await logIn(deps, { ...read.value, host, scheme: deps.scheme })
  const result = token === undefined ? 'refused' : 'opened'
  deps.log.line('console-login', { who: read.value.address, result, sourceIp: request.sourceIp })
  if (token === undefined) return refusalResponse(loginRefusal)
  return { ...jsonResponse(200, { ok: true }), cookies: [cookie(deps, token, sessionSeconds)] }
}

async function postLink(deps: ConsoleDeps, linkToken: string): Promise<HttpResponse> {
  const token = await useLink(deps, linkToken)
  deps.log.line('console-link', { result: token === undefined ? 'refused' : 'opened' })
  if (token === undefined) return page(deps, 410, (nonce) => linkPage(nonce, 'refused'))
  return { ...redirectResponse('/'), cookies: [cookie(deps, token, sessionSeconds)] }
}

/** The same for every path, also for those that do not exist. */
function unknownVisitor(request: HttpRequest, segments: readonly string[]): HttpResponse {
  if (request.method === 'GET' && segments[0] !== 'api') return redirectResponse('/login')
  const message = 'A session is needed.'
  return refusalResponse({ status: 401, code: 'no-session', message, hint: 'Log in at /login.' })
}

async function answerSession(
  deps: ConsoleDeps,
  params: {
    readonly request: HttpRequest
    readonly segments: readonly string[]
    readonly session: ConsoleSession
    readonly token: string | undefined
  },
): Promise<HttpResponse> {
  const { request, segments, session, token } = params
  const [first, second, third, ...more] = segments
  if (request.method === 'POST' && request.path === '/logout') {
    await endSession(deps, token)
    return { ...redirectResponse('/login'), cookies: [cookie(deps, '', 0)] }
  }
  if (request.method !== 'GET' || more.length > 0) return nothingHere()
  if (request.path === '/') return showPage(deps, { request, session })
  if (first !== 'api') return nothingHere()
  if (second === 'session' && third === undefined) return jsonResponse(200, session)
  if (second !== 'portfolios') return nothingHere()
  if (third === undefined) return jsonResponse(200, { portfolios: await portfolioIds(deps) })
  const json = await portfolioJson(deps, third)
  return json === undefined ? nothingHere() : jsonResponse(200, json)
}

async function showPage(
  deps: ConsoleDeps,
  { request, session }: { readonly request: HttpRequest; readonly session: ConsoleSession },
): Promise<HttpResponse> {
  const portfolios = await portfolioIds(deps)
  const wanted = request.query.portfolio ?? portfolios[0]
  const view = wanted === undefined ? undefined : await readPortfolio(deps, wanted)
  if (view === undefined) return page(deps, wanted === undefined ? 200 : 404, emptyConsolePage)
  const links = { approveBaseUrl: deps.approveBaseUrl }
  const who = shortHex(session.who)
  return page(deps, 200, (nonce) => consolePage({ view, links, portfolios, who, nonce }))
}

async function portfolioJson(deps: ConsoleDeps, portfolioId: string): Promise<ConsoleJson | undefined> {
  const view = await readPortfolio(deps, portfolioId)
  return view === undefined ? undefined : consoleJson(view, { approveBaseUrl: deps.approveBaseUrl })
}

/**
 * Everything about one portfolio as people see it; the terminal shows the same view.
 * @returns undefined if the current configuration has no such portfolio
 */
export async function readPortfolio(
  deps: Pick<ConsoleDeps, 'watch' | 'orders' | 'config' | 'chains' | 'clock'>,
  portfolioId: string,
): Promise<PortfolioView | undefined> {
  if (portfolioId.length > 400) return undefined
  const settings = await currentSettings(deps.config, portfolioId)
  if (settings === undefined) return undefined
  const [reports, snapshots, alerts, orders, receipts, cursors] = await Promise.all([
    deps.watch.latestReports(portfolioId, shown.reports),
    deps.watch.latestSnapshots(portfolioId, shown.snapshots),
    deps.watch.latestAlerts(portfolioId, shown.alerts),
    deps.orders.orders(portfolioId, shown.orders),
    deps.watch.latestReceipts(portfolioId, shown.receipts),
    cursorsOf(deps, settings),
  ])
  const at = deps.clock.now()
  return portfolioView({ portfolioId, settings, reports, snapshots, alerts, orders, receipts, cursors, at })
}

/** What was heard of each chain that the portfolio is on. */
async function cursorsOf(
  { chains }: Pick<ConsoleDeps, 'chains'>,
  settings: PortfolioSettings,
): Promise<readonly ChainCursor[]> {
  if (chains === undefined) return []
  const found = await Promise.all(placesOf(settings).map(({ chain }) => chains.cursor(chain.chainId)))
  return found.filter((cursor) => cursor !== undefined)
}

async function portfolioIds(deps: ConsoleDeps): Promise<readonly string[]> {
  const pointer = await deps.config.pointer()
  return pointer === undefined ? [] : (await deps.config.portfolios(pointer.version)).map(({ id }) => id)
}

function page(deps: ConsoleDeps, status: number, make: (nonce: string) => string): HttpResponse {
  const nonce = deps.random.key()
  return pageResponse({ status, body: make(nonce), nonce })
}

function nothingHere(): HttpResponse {
  const message = 'There is nothing here.'
  return refusalResponse({ status: 404, code: 'not-found', message, hint: 'Go to /.' })
}

/** `__Host-` makes browsers insist on Secure, Path=/ and no Domain. */
function cookieName({ scheme }: Pick<ConsoleDeps, 'scheme'>): string {
  return scheme === 'https' ? '__Host-homeostat' : 'homeostat'
}

function cookie(deps: ConsoleDeps, token: string, maxAgeSeconds: number): string {
  const secure = deps.scheme === 'https' ? '; Secure' : ''
  return `${cookieName(deps)}=${token}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`
}

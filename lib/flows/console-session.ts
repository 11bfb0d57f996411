// Who may look at the console: a wallet of the desk or a one-time link becomes a session of twelve hours.

import * as z from '../base/schema.ts'
import { addressSchema } from '../base/schema.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { Address, Hex } from '../model/identity.ts'
import { recoverMessageSigner } from '../model/order-hash.ts'
import type { Clock, ConfigStore, RandomText, SessionStore } from '../model/ports.ts'
import { loginText, loginValiditySeconds } from '../web/wallet-requests.ts'
import type { HttpRefusal, HttpRequest } from './http.ts'

export interface SessionDeps {
  readonly sessions: SessionStore
  readonly clock: Clock
  readonly random: RandomText
  /** A cryptographic hash as text: the store never sees what a browser holds. */
  readonly hash: (text: string) => string
}

export interface ConsoleSession {
  /** A wallet's address, or `link`. */
  readonly who: string
  readonly expiresAt: UnixSeconds
}

export const sessionSeconds = 12 * 3_600
const linkSeconds = 600
const linkGuest = 'link'

export const nonceBody = z.strictObject({ address: addressSchema })
export const loginBody = z.strictObject({
  address: addressSchema,
  nonce: z.string().check(z.minLength(8), z.maxLength(100)),
  signature: z.string().check(z.regex(/^0x[0-9a-fA-F]{130}$/, 'must be a signature of 65 bytes')),
})

/** A link that opens the console once within ten minutes; `homeostat console link` prints it behind the console's address. */
export async function makeConsoleLink(
  deps: SessionDeps,
): Promise<{ readonly path: string; readonly expiresAt: UnixSeconds }> {
  const token = deps.random.key()
  const expiresAt = deps.clock.now() + linkSeconds
  await deps.sessions.put({ key: keyOf(deps, 'link', token), who: linkGuest, purpose: 'link', expiresAt })
  return { path: `/link/${token}`, expiresAt }
}

/** Uses up a link. Undefined if it is unknown, used or too old. */
export async function useLink(deps: SessionDeps, token: string): Promise<string | undefined> {
  const who = await takeOnce(deps, 'link', token)
  return who === undefined ? undefined : openSession(deps, who)
}

/** A single-use nonce for one address, and the text that its wallet has to sign. Says nothing about whether the address may log in. */
export async function makeNonce(
  deps: SessionDeps,
  params: { readonly address: Address; readonly host: string; readonly scheme: 'http' | 'https' },
): Promise<{ readonly nonce: string; readonly text: string }> {
  const nonce = deps.random.key()
  const issuedAt = deps.clock.now()
  const expiresAt = issuedAt + loginValiditySeconds
  await deps.sessions.put({ key: keyOf(deps, 'nonce', nonce), who: params.address, purpose: 'nonce', expiresAt })
  return { nonce, text: loginText({ ...params, nonce, issuedAt }) }
}

/** The token of a new session, or undefined: every failure looks the same from outside. The nonce is used up in any case. */
export async function logIn(
  deps: SessionDeps & { readonly config: ConfigStore },
  params: z.output<typeof loginBody> & { readonly host: string; readonly scheme: 'http' | 'https' },
): Promise<string | undefined> {
  const { address, nonce, signature, host, scheme } = params
  const key = keyOf(deps, 'nonce', nonce)
  const stored = await deps.sessions.get(key)
  const who = await takeOnce(deps, 'nonce', nonce)
  if (stored === undefined || who !== address) return undefined
  // The text is built again from what was stored: what the client says it signed is never read.
  const text = loginText({ host, scheme, address, nonce, issuedAt: stored.expiresAt - loginValiditySeconds })
  const signer = await recoverMessageSigner(text, signature as Hex)
  if (signer !== address || !(await mayLook(deps, address))) return undefined
  return openSession(deps, address)
}

/** The session behind a browser's token; a wallet that was taken out of the configuration has none any more. */
export async function sessionOf(
  deps: SessionDeps & { readonly config: ConfigStore },
  token: string | undefined,
): Promise<ConsoleSession | undefined> {
  if (token === undefined || token === '') return undefined
  const stored = await deps.sessions.get(keyOf(deps, 'session', token))
  if (stored?.purpose !== 'session' || stored.expiresAt <= deps.clock.now()) return undefined
  const { who, expiresAt } = stored
  if (who !== linkGuest && !(await mayLook(deps, who))) return undefined
  return { who, expiresAt }
}

/** Ends a session for good. */
export async function endSession(deps: SessionDeps, token: string | undefined): Promise<void> {
  if (token !== undefined) await deps.sessions.take(keyOf(deps, 'session', token), deps.clock.now())
}

/** The host that the browser asked for, if it can be one. */
export function hostOfRequest(request: HttpRequest): string | undefined {
  const host = request.headers.host ?? ''
  return /^[a-z0-9.-]+(:\d{1,5})?$/i.test(host) ? host.toLowerCase() : undefined
}

/** The one answer to every login that fails. */
export const loginRefusal: HttpRefusal = {
  status: 401,
  code: 'login-refused',
  message: 'The login was refused.',
  hint: 'Use a wallet that is listed under approvers or viewers, and try again from the start.',
}

async function mayLook(deps: { readonly config: ConfigStore }, who: string): Promise<boolean> {
  const pointer = await deps.config.pointer()
  if (pointer === undefined) return false
  const viewers: readonly string[] = await deps.config.viewers(pointer.version)
  return viewers.includes(who)
}

async function openSession(deps: SessionDeps, who: string): Promise<string> {
  // Two keys: 256 bits.
  const token = `${deps.random.key()}${deps.random.key()}`
  const expiresAt = deps.clock.now() + sessionSeconds
  await deps.sessions.put({ key: keyOf(deps, 'session', token), who, purpose: 'session', expiresAt })
  return token
}

/** For whom a link or nonce was made, to exactly one caller in time. */
async function takeOnce(deps: SessionDeps, purpose: 'link' | 'nonce', token: string): Promise<string | undefined> {
  const key = keyOf(deps, purpose, token)
  const at = deps.clock.now()
  const stored = await deps.sessions.get(key)
  if (stored?.purpose !== purpose) return undefined
  if (!(await deps.sessions.take(key, at)) || stored.expiresAt <= at) return undefined
  return stored.who
}

function keyOf(deps: SessionDeps, purpose: 'session' | 'link' | 'nonce', token: string): string {
  return deps.hash(`${purpose}:${token}`)
}

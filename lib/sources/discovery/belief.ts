// Whose word counts: anybody can deploy a market whose every answer fits, and send its tokens to an account.

import type { Address } from '../../model/identity.ts'
import type { Deployment, Holding, PriceHint } from './findings.ts'
import { bookDate } from './known-deployments.ts'
import type { TransferLogs } from './transfer-logs.ts'

export interface BeliefParams {
  readonly chainId: number
  readonly known: readonly Deployment[]
  readonly sent: TransferLogs['sent']
}

export interface Belief {
  /** Whether somebody who is known names the contract itself. */
  readonly isKnown: (contract: Address) => boolean
  /** Why a contract is believed; undefined if it has nothing but its own word. */
  readonly inContract: (contract: Address) => string | undefined
  /** The same of a holding: its contract, a voucher, or a priced token that the account sent there by itself. */
  readonly inHolding: (holding: Holding, priced: ReadonlySet<Address>) => string | undefined
  readonly inPrices: (hints: readonly PriceHint[]) => readonly PriceHint[]
}

/**
 * On a chain that is in the book, what is believed is what is written there, what that vouches for, and what the account itself
 * has put something into. On any other chain everything that answers as one is taken, and the result says so.
 */
export function beliefIn({ chainId, known, sent }: BeliefParams): Belief {
  const sources = new Map<Address, string>()
  for (const { contracts, source } of known)
    for (const contract of Object.values(contracts)) if (!sources.has(contract)) sources.set(contract, source)
  const isBare = sources.size === 0
  const inContract = (contract: Address): string | undefined => {
    const source = sources.get(contract)
    if (source !== undefined) return `known by ${source}`
    return isBare ? `it answers as one; nothing else is known of chain ${chainId}` : undefined
  }
  return {
    isKnown: (contract) => sources.has(contract),
    inContract,
    inHolding({ restsOn, voucher, covers }, priced) {
      const own = inContract(restsOn) ?? voucher
      if (own !== undefined) return own
      const places = [restsOn, ...covers]
      const isFunded = [...priced].some((token) => places.some((place) => sent.get(token)?.has(place) === true))
      return isFunded ? 'the account itself sent a priced token there' : undefined
    },
    inPrices: (hints) => hints.filter(({ restsOn }) => inContract(restsOn) !== undefined),
  }
}

/** For a person who wonders where an address comes from. */
export const bookNote = `addresses of the book were read on ${bookDate}`

// LP tokens that an account has of a pool, wherever they lie: in the account, and staked in the pool's gauge.

import { parseAbi } from 'viem/utils'
import type { ChainConfig } from '../../model/configuration.ts'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Answer } from '../chain/contract-call.ts'
import { pinned, type Refusal } from './as-configured.ts'

/** `lp_token` is how the gauges of Curve and of Balancer name what is staked in them; one of theirs is one LP token. */
export const poolTokensAbi = parseAbi([
  'function balanceOf(address account) view returns (uint256)',
  'function totalSupply() view returns (uint256)',
  'function lp_token() view returns (address)',
])

/** Of the LP tokens of Curve and Balancer, without exception. */
export const lpDecimals = 18

/** In the smallest unit; all asked in one round. */
export async function askPoolTokens(
  reader: ChainReader,
  of: {
    readonly chain: ChainConfig
    readonly account: Address
    readonly lpToken: Address
    readonly gauge?: Address | undefined
  },
): Promise<Answer<bigint> | Refusal> {
  const { chain, account, lpToken, gauge } = of
  const balanceOf = (to: Address) => reader.ask({ to, abi: poolTokensAbi, functionName: 'balanceOf', args: [account] })
  if (gauge === undefined) return await balanceOf(lpToken)
  const [held, staked, stakes] = await Promise.all([
    balanceOf(lpToken),
    balanceOf(gauge),
    reader.ask({ to: gauge, abi: poolTokensAbi, functionName: 'lp_token', args: [] }),
  ])
  if (!held.ok) return held
  if (!staked.ok) return staked
  // What lies in the account is counted already where the LP token is an asset of the chain.
  const isAsset = chain.assets.some(({ address }) => address === lpToken)
  const value = staked.value + (isAsset ? 0n : held.value)
  return pinned("gauge's LP token", lpToken, stakes) ?? { ok: true, value }
}

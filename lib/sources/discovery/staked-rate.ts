// The price of a staked coin whose oracle multiplies a rate with the price of the coin: the rate that the token itself tells.

import { parseAbi } from 'viem/utils'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'

const rateAbi = parseAbi([
  'function stEthPerToken() view returns (uint256)',
  'function getExchangeRate() view returns (uint256)',
  'function getRate() view returns (uint256)',
  'function exchangeRate() view returns (uint256)',
])
const getters = ['stEthPerToken', 'getExchangeRate', 'getRate', 'exchangeRate'] as const

/** Of rates with 18 decimals: what was staked has not halved, and not grown tenfold. */
const [lowest, highest] = [5n * 10n ** 17n, 10n ** 19n]

/** By which of the calls that the configuration knows a token tells its rate; undefined if by none. */
export async function readRateGetter(reader: ChainReader, token: Address): Promise<string | undefined> {
  const rates = await Promise.all(
    getters.map((functionName) => reader.ask({ to: token, abi: rateAbi, functionName, args: [] })),
  )
  return getters.find((_, index) => {
    const rate = rates[index]
    return rate?.ok === true && rate.value >= lowest && rate.value <= highest
  })
}

// Whoever tells a protocol what things are worth is somebody else than before.

import { aaveContracts } from './aave-contracts.ts'
import { configuredContracts } from './configured-contracts.ts'
import { defineEvent, everybody } from './define-event.ts'
import { shortAddress } from './log-words.ts'

export const oracleChange = defineEvent({
  name: 'oracle-change',
  title: 'Oracles that were replaced (Aave, and feeds that name their aggregator)',
  signatures: [
    'AssetSourceUpdated(address,address)',
    'FallbackOracleUpdated(address)',
    'PriceOracleUpdated(address,address)',
    'PriceOracleSentinelUpdated(address,address)',
    'PoolDataProviderUpdated(address,address)',
    'AggregatorConfirmed(address,address)',
  ],
  async speakers(reader, scope) {
    const aave = await aaveContracts(reader, scope)
    const speaking = configuredContracts(scope).filter(({ subject }) => /^(aaveV3\.oracle|feed )/.test(subject))
    return [...speaking, ...(aave === undefined ? [] : [aave.registry])].map((contract) => ({
      ...contract,
      portfolios: everybody(scope),
    }))
  },
  meaning({ signature, words, scope }) {
    const to = shortAddress(words.address(1))
    if (signature.startsWith('AssetSourceUpdated')) {
      const asset = scope.chain.assets.find(({ address }) => address === words.address(0))
      return asset && { severity: 'critical', says: `prices ${asset.symbol} by another source: ${to}` }
    }
    if (signature.startsWith('FallbackOracle'))
      return { severity: 'warning', says: `has another fallback oracle: ${shortAddress(words.address(0))}` }
    const what = signature.slice(0, signature.search(/(Updated|Confirmed)\(/)).replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    return { severity: 'critical', says: `has another ${what.toLowerCase()}: ${to}` }
  },
})

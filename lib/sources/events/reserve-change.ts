// Aave changed the terms of a reserve: paused, frozen, worth less as collateral, in another e-mode.

import type { Severity } from '../../model/configuration.ts'
import { aaveContracts } from './aave-contracts.ts'
import { defineEvent, everybody, type HeardLog, type Meaning } from './define-event.ts'
import { printed } from './log-words.ts'

const ofReserves = [
  'ReservePaused(address,bool)',
  'ReserveFrozen(address,bool)',
  'ReserveActive(address,bool)',
  'ReserveBorrowing(address,bool)',
  'CollateralConfigurationChanged(address,uint256,uint256,uint256)',
  'EModeAssetCategoryChanged(address,uint8,uint8)',
  'SupplyCapChanged(address,uint256,uint256)',
  'BorrowCapChanged(address,uint256,uint256)',
  'DebtCeilingChanged(address,uint256,uint256)',
  'ReserveInterestRateStrategyChanged(address,address,address)',
  'ATokenUpgraded(address,address,address)',
  'VariableDebtTokenUpgraded(address,address,address)',
] as const
/** Of a category, with its loan-to-value, threshold and bonus. */
const ofCategories = 'EModeCategoryAdded(uint8,uint256,uint256,uint256,address,string)'

export const reserveChange = defineEvent({
  name: 'reserve-change',
  title: 'Aave reserves that were paused, frozen, upgraded, or got other terms',
  signatures: [...ofReserves, ofCategories],
  async speakers(reader, scope) {
    const configurator = (await aaveContracts(reader, scope))?.configurator
    return configurator === undefined ? [] : [{ ...configurator, portfolios: everybody(scope) }]
  },
  meaning(log) {
    const { signature, words, scope } = log
    if (signature === ofCategories)
      return {
        severity: 'warning',
        says: `changed e-mode ${printed(words.unsigned(0))}: threshold ${bps(words.unsigned(2))}`,
      }
    const reserve = words.address(0)
    const asset = scope.chain.assets.find(({ address }) => address === reserve)
    return asset === undefined ? undefined : ofReserve(log, asset.symbol)
  },
})

function ofReserve({ signature, words }: HeardLog, symbol: string): Meaning {
  const name = signature.slice(0, signature.indexOf('('))
  const isOn = words.unsigned(1) === 1n
  const by = (severity: Severity, says: string): Meaning => ({ severity, says })
  switch (name) {
    case 'ReservePaused':
      return by(isOn ? 'critical' : 'warning', `${isOn ? 'paused' : 'unpaused'} ${symbol}`)
    case 'ReserveFrozen':
      return by('warning', `${isOn ? 'froze' : 'unfroze'} ${symbol}`)
    case 'CollateralConfigurationChanged':
      return by('warning', `set the liquidation threshold of ${symbol} to ${bps(words.unsigned(2))}`)
    case 'EModeAssetCategoryChanged':
      return by('warning', `moved ${symbol} from e-mode ${printed(words.unsigned(1))} to ${printed(words.unsigned(2))}`)
    case 'ReserveActive':
    case 'ReserveBorrowing':
      return by('warning', `switched ${name.slice('Reserve'.length).toLowerCase()} of ${symbol} ${isOn ? 'on' : 'off'}`)
    case 'ATokenUpgraded':
    case 'VariableDebtTokenUpgraded':
      return by('warning', `upgraded the ${name.startsWith('A') ? 'aToken' : 'debt token'} of ${symbol}`)
    default:
      // Caps, ceilings and rate models: read again, and no news.
      return by('info', `changed ${name} of ${symbol}`)
  }
}

function bps(value: bigint | undefined): string {
  return value === undefined ? printed(value) : `${Number(value) / 100} %`
}

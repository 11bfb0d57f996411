// What every contract is asked: getters that name other contracts or keys, and those whose answers tell what it is.

import type { Abi } from 'viem'
import { parseAbi, toFunctionSelector } from 'viem/utils'
import type { LinkRole } from '../../model/dependencies.ts'
import type { EdgeKind, NodeKind } from '../../model/dependency-graph.ts'

export interface AddressGetter {
  readonly name: string
  /** What the answer is to the one that was asked. */
  readonly role: LinkRole
  readonly kind: EdgeKind
  /** What the answer is by itself, until it tells more. */
  readonly as: NodeKind
}

const group = (names: string, rest: Omit<AddressGetter, 'name'>): readonly AddressGetter[] =>
  names.split(' ').map((name) => ({ name, ...rest }))

const governs = { kind: 'controlled-by', as: 'admin-key' } as const
const prices = { kind: 'priced-by', as: 'oracle' } as const

export const addressGetters: readonly AddressGetter[] = [
  ...group(
    'owner getOwner admin governance governor gov timelock guardian authority controller masterMinter blacklister pauser rescuer',
    {
      role: 'owner',
      ...governs,
    },
  ),
  ...group('getACLAdmin pauseGuardian curator manager', { role: 'owner', ...governs }),
  ...group('pendingOwner pendingAdmin pendingGovernor', { role: 'pending-owner', ...governs }),
  ...group('proxyAdmin', { role: 'proxy-admin', kind: 'upgradable-by', as: 'admin-key' }),
  ...group('getACLManager aclManager ACL_MANAGER accessControlManager acl configurator', {
    role: 'registry',
    kind: 'controlled-by',
    as: 'protocol',
  }),
  ...group('ADDRESSES_PROVIDER factory registry comptroller', {
    role: 'registry',
    kind: 'controlled-by',
    as: 'protocol',
  }),
  ...group('oracle priceOracle getPriceOracle ORACLE priceProvider getFallbackOracle rateProvider', {
    role: 'oracle',
    ...prices,
  }),
  ...group('priceFeed baseTokenPriceFeed sequencerOracle getPriceOracleSentinel', { role: 'feed', ...prices }),
  ...group(
    'ASSET_TO_USD_AGGREGATOR BASE_TO_USD_AGGREGATOR BASE_FEED_1 BASE_FEED_2 QUOTE_FEED_1 QUOTE_FEED_2 RATIO_PROVIDER',
    {
      role: 'feed',
      kind: 'priced-by',
      as: 'feed',
    },
  ),
  ...group('aggregator', { role: 'aggregator', kind: 'priced-by', as: 'feed' }),
  ...group('token0 token1', { role: 'token', kind: 'holds', as: 'token' }),
  ...group('asset underlying UNDERLYING_ASSET_ADDRESS stETH baseToken collateralToken', {
    role: 'underlying',
    kind: 'wraps',
    as: 'token',
  }),
  ...group('POOL vault getVault poolManager WETH9', { role: 'market', kind: 'lends-to', as: 'market' }),
  ...group('getIncentivesController interestRateModel irm', {
    role: 'component',
    kind: 'controlled-by',
    as: 'protocol',
  }),
  ...group('implementation comptrollerImplementation', {
    role: 'implementation',
    kind: 'controlled-by',
    as: 'protocol',
  }),
]

const factSignatures = [
  'function decimals() view returns (uint8)',
  'function symbol() view returns (string)',
  'function totalSupply() view returns (uint256)',
  'function description() view returns (string)',
  'function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)',
  'function latestAnswer() view returns (int256)',
  'function totalAssets() view returns (uint256)',
  'function getThreshold() view returns (uint256)',
  'function getOwners() view returns (address[])',
  'function VERSION() view returns (string)',
  'function getMinDelay() view returns (uint256)',
  'function delay() view returns (uint256)',
  'function GRACE_PERIOD() view returns (uint256)',
  'function BASE_CURRENCY_UNIT() view returns (uint256)',
  'function phaseId() view returns (uint16)',
  'function DEFAULT_ADMIN_ROLE() view returns (bytes32)',
] as const

/** A question that no contract was written for: who answers it answers anything, and is not believed. */
export const nonsense = 'homeostatAsksForNothing'

export const probeAbi: Abi = [
  ...parseAbi(factSignatures),
  ...parseAbi(
    addressGetters.map(({ name }) => `function ${name}() view returns (address)`) as readonly string[] as readonly [
      'function owner() view returns (address)',
    ],
  ),
  ...parseAbi([`function ${nonsense}() view returns (address)`]),
]

export const factNames: readonly string[] = factSignatures.map(
  (signature) => /function (\w+)/.exec(signature)?.[1] ?? '',
)

/** The functions that are asked, by their selectors. */
export const probeSelectors: ReadonlyMap<number, string> = new Map(
  probeAbi.flatMap((item) =>
    item.type === 'function' ? [[Number.parseInt(toFunctionSelector(item), 16), item.name] as const] : [],
  ),
)

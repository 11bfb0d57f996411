// What is asked of GMX v2's contracts: the Reader of its version 2.2, whose positions carry a price impact that is pending, and the store of its settings.

import { encodeAbiParameters, keccak256, parseAbi, parseAbiParameters } from 'viem/utils'
import type { Address, Hex } from '../../model/identity.ts'

/** Later Readers append to a position's info what it is worth: of that nothing is read. */
export const gmxReaderAbi = parseAbi([
  'struct Price { uint256 min; uint256 max; }',
  'struct MarketPrices { Price indexTokenPrice; Price longTokenPrice; Price shortTokenPrice; }',
  'struct Market { address marketToken; address indexToken; address longToken; address shortToken; }',
  'struct PositionAddresses { address account; address market; address collateralToken; }',
  'struct PositionNumbers { uint256 sizeInUsd; uint256 sizeInTokens; uint256 collateralAmount; int256 pendingImpactAmount; uint256 borrowingFactor; uint256 fundingFeeAmountPerSize; uint256 longTokenClaimableFundingAmountPerSize; uint256 shortTokenClaimableFundingAmountPerSize; uint256 increasedAtTime; uint256 decreasedAtTime; }',
  'struct PositionFlags { bool isLong; }',
  'struct Position { PositionAddresses addresses; PositionNumbers numbers; PositionFlags flags; }',
  'struct ReferralFees { bytes32 referralCode; address affiliate; address trader; uint256 totalRebateFactor; uint256 affiliateRewardFactor; uint256 adjustedAffiliateRewardFactor; uint256 traderDiscountFactor; uint256 totalRebateAmount; uint256 traderDiscountAmount; uint256 affiliateRewardAmount; }',
  'struct ProFees { uint256 traderTier; uint256 traderDiscountFactor; uint256 traderDiscountAmount; }',
  'struct FundingFees { uint256 fundingFeeAmount; uint256 claimableLongTokenAmount; uint256 claimableShortTokenAmount; uint256 latestFundingFeeAmountPerSize; uint256 latestLongTokenClaimableFundingAmountPerSize; uint256 latestShortTokenClaimableFundingAmountPerSize; }',
  'struct BorrowingFees { uint256 borrowingFeeUsd; uint256 borrowingFeeAmount; uint256 borrowingFeeReceiverFactor; uint256 borrowingFeeAmountForFeeReceiver; }',
  'struct UiFees { address uiFeeReceiver; uint256 uiFeeReceiverFactor; uint256 uiFeeAmount; }',
  'struct LiquidationFees { uint256 liquidationFeeUsd; uint256 liquidationFeeAmount; uint256 liquidationFeeReceiverFactor; uint256 liquidationFeeAmountForFeeReceiver; }',
  'struct PositionFees { ReferralFees referral; ProFees pro; FundingFees funding; BorrowingFees borrowing; UiFees ui; LiquidationFees liquidation; Price collateralTokenPrice; uint256 positionFeeFactor; uint256 protocolFeeAmount; uint256 positionFeeReceiverFactor; uint256 feeReceiverAmount; uint256 feeAmountForPool; uint256 positionFeeAmountForPool; uint256 positionFeeAmount; uint256 totalCostAmountExcludingFunding; uint256 totalCostAmount; uint256 totalDiscountAmount; }',
  'struct ExecutionPriceResult { int256 priceImpactUsd; uint256 executionPrice; bool balanceWasImproved; int256 proportionalPendingImpactUsd; int256 totalImpactUsd; uint256 priceImpactDiffUsd; }',
  'struct PositionInfo { bytes32 positionKey; Position position; PositionFees fees; ExecutionPriceResult executionPriceResult; int256 basePnlUsd; int256 uncappedBasePnlUsd; int256 pnlAfterPriceImpactUsd; }',
  'struct LiquidatableInfo { int256 remainingCollateralUsd; int256 minCollateralUsd; int256 minCollateralUsdForLeverage; }',
  'struct PoolValueInfo { int256 poolValue; int256 longPnl; int256 shortPnl; int256 netPnl; uint256 longTokenAmount; uint256 shortTokenAmount; uint256 longTokenUsd; uint256 shortTokenUsd; uint256 totalBorrowingFees; uint256 borrowingFeePoolFactor; uint256 impactPoolAmount; uint256 lentImpactPoolAmount; }',
  'function getMarket(address dataStore, address key) view returns (Market)',
  'function getAccountPositions(address dataStore, address account, uint256 start, uint256 end) view returns (Position[])',
  'function getPositionInfo(address dataStore, address referralStorage, bytes32 positionKey, MarketPrices prices, uint256 sizeDeltaUsd, address uiFeeReceiver, bool usePositionSizeAsSizeDeltaUsd) view returns (PositionInfo)',
  'function isPositionLiquidatable(address dataStore, address referralStorage, bytes32 positionKey, Market market, MarketPrices prices, bool shouldValidateMinCollateralUsd, bool forLiquidation) view returns (bool, string, LiquidatableInfo)',
  'function getMarketTokenPrice(address dataStore, Market market, Price indexTokenPrice, Price longTokenPrice, Price shortTokenPrice, bytes32 pnlFactorType, bool maximize) view returns (int256, PoolValueInfo)',
])
export const gmxStoreAbi = parseAbi(['function getUint(bytes32 key) view returns (uint256)'])

const named = (name: string): Hex => keccak256(encodeAbiParameters(parseAbiParameters('string'), [name]))

/** Of profits that a share of a pool has to bear when it is redeemed. */
export const profitsAtWithdrawal = named('MAX_PNL_FACTOR_FOR_WITHDRAWALS')

const marketKey = parseAbiParameters('bytes32, address')
/** Part of a position's size that price impact may cost when it is liquidated, 30 decimals. */
export function liquidationImpactKey(market: Address): Hex {
  return keccak256(encodeAbiParameters(marketKey, [named('MAX_POSITION_IMPACT_FACTOR_FOR_LIQUIDATIONS'), market]))
}

const interestKey = parseAbiParameters('bytes32, address, address, bool')
/** Index tokens that positions of one side and one collateral hold. */
export function openInterestKey(market: Address, collateral: Address, isLong: boolean): Hex {
  const args = [named('OPEN_INTEREST_IN_TOKENS'), market, collateral, isLong] as const
  return keccak256(encodeAbiParameters(interestKey, args))
}

const claimKey = parseAbiParameters('bytes32, address, address, address')
/** Funding that was received and not yet claimed, in units of the token. */
export function claimableFundingKey(market: Address, token: Address, account: Address): Hex {
  const args = [named('CLAIMABLE_FUNDING_AMOUNT'), market, token, account] as const
  return keccak256(encodeAbiParameters(claimKey, args))
}

const positionArgs = parseAbiParameters('address, address, address, bool')
/** By which the protocol knows a position. */
export function positionKey(
  of: readonly [account: Address, market: Address, collateral: Address, isLong: boolean],
): Hex {
  return keccak256(encodeAbiParameters(positionArgs, of))
}

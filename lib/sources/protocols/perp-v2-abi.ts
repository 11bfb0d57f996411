// What is asked of Perp v2's contracts (Perpetual Protocol Curie 2.8).

import { parseAbi } from 'viem/utils'

export const perpClearingHouseAbi = parseAbi([
  'function getAccountBalance() view returns (address)',
  'function getVault() view returns (address)',
  'function getExchange() view returns (address)',
  'function getAccountValue(address trader) view returns (int256)',
])
export const perpAccountBalanceAbi = parseAbi([
  'function getClearingHouseConfig() view returns (address)',
  'function getOrderBook() view returns (address)',
  'function getBaseTokens(address trader) view returns (address[])',
  'function getPnlAndPendingFee(address trader) view returns (int256 owedRealizedPnl, int256 unrealizedPnl, uint256 pendingFee)',
  'function getMarginRequirementForLiquidation(address trader) view returns (int256)',
  'function getTotalPositionSize(address trader, address baseToken) view returns (int256)',
  'function getTotalPositionValue(address trader, address baseToken) view returns (int256)',
  'function getTotalOpenNotional(address trader, address baseToken) view returns (int256)',
])
export const perpVaultAbi = parseAbi([
  'function decimals() view returns (uint8)',
  'function getSettlementToken() view returns (address)',
  'function getCollateralManager() view returns (address)',
  'function getCollateralTokens(address trader) view returns (address[])',
  'function getBalance(address trader) view returns (int256)',
  'function getBalanceByToken(address trader, address token) view returns (int256)',
])
export const perpExchangeAbi = parseAbi([
  'function getPendingFundingPayment(address trader, address baseToken) view returns (int256)',
])
export const perpBaseTokenAbi = parseAbi(['function isOpen() view returns (bool)'])
export const perpConfigAbi = parseAbi(['function getMmRatio() view returns (uint24)'])
export const perpOrderBookAbi = parseAbi([
  'function getOpenOrderIds(address trader, address baseToken) view returns (bytes32[])',
  'function getOpenOrderById(bytes32 orderId) view returns (uint128 liquidity, int24 lowerTick, int24 upperTick, uint256 lastFeeGrowthInsideX128, int256 lastTwPremiumGrowthInsideX96, int256 lastTwPremiumGrowthBelowX96, int256 lastTwPremiumDivBySqrtPriceGrowthInsideX96, uint256 baseDebt, uint256 quoteDebt)',
  'function getTotalTokenAmountInPoolAndPendingFee(address trader, address baseToken, bool fetchBase) view returns (uint256 tokenAmount, uint256 pendingFee)',
])
export const perpCollateralAbi = parseAbi([
  'function getCollateralConfig(address token) view returns (address priceFeed, uint24 collateralRatio, uint24 discountRatio, uint256 depositCap)',
])

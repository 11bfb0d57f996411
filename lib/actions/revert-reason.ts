// Why a contract refused, in words: Solidity's strings and panics, and the short codes of the contracts that we call.

import { decodeErrorResult, type Hex, parseAbi, size, slice } from 'viem'

/** Custom errors of UniversalRouter and of newer Aave pools. */
const errors = parseAbi([
  'error TransactionDeadlinePassed()',
  'error InsufficientBalance()',
  'error InvalidAmount()',
  'error ReserveInactive()',
  'error ReserveFrozen()',
  'error ReservePaused()',
  'error NotEnoughAvailableUserBalance()',
  'error NoDebtOfSelectedType()',
  'error HealthFactorLowerThanLiquidationThreshold()',
])

const meanings: Readonly<Record<string, string>> = {
  TransactionDeadlinePassed: 'the order’s deadline has passed',
  // Aave v3 up to 3.3, Errors.sol
  '26': 'Aave: the amount is zero',
  '27': 'Aave: the reserve is not active',
  '28': 'Aave: the reserve is frozen',
  '29': 'Aave: the reserve is paused',
  '32': 'Aave: more than the supplied balance',
  '35': 'Aave: the health factor would fall below 1',
  '39': 'Aave: there is no such debt',
  // Uniswap v3 periphery
  'Too little received': 'Uniswap: less than the minimum out, the price has moved',
  'Transaction too old': 'Uniswap: the swap’s deadline has passed',
  STF: 'Uniswap: the token could not be taken, balance or allowance is too small',
  // Safe
  GS010: 'Safe: not enough gas',
  GS013: 'Safe: a call of the batch failed',
  GS020: 'Safe: too few signatures',
  GS021: 'Safe: a contract signature is malformed',
  GS024: 'Safe: a contract owner refused its signature',
  GS025: 'Safe: an owner has not approved this hash',
  GS026: 'Safe: a signature is not an owner’s over this very transaction and nonce, or they are out of order',
}

/** The reason in revert data: `GS026 (Safe: ...)`, `panic 0x11`, or the selector if nobody knows it. */
export function revertReason(data: Hex): string {
  if (size(data) < 4) return 'without a reason'
  try {
    const { errorName, args }: { errorName: string; args?: readonly unknown[] } = decodeErrorResult({
      abi: errors,
      data,
    })
    const said = String(args?.[0] ?? '')
    // Solidity's own two; viem knows them without being told.
    if (errorName === 'Error') return explained(printable(said) || 'without a reason')
    if (errorName === 'Panic') return `panic 0x${BigInt(said).toString(16)}`
    return explained(errorName)
  } catch {
    return `unknown error ${slice(data, 0, 4)}`
  }
}

function explained(code: string): string {
  const meaning = meanings[code]
  return meaning === undefined ? code : `${code} (${meaning})`
}

/** A contract may say anything: keep it short, and out of terminals' control. */
function printable(text: string): string {
  return text
    .replace(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, 200)
}

// Multicall3 is on every real chain at one address; anvil has it not, so its runtime is set there.

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Address, getAddress, type Hex } from 'viem'
import { HomeostatError } from '../../base/homeostat-error.ts'
import type { Rpc } from './rpc.ts'

export const multicall3Address: Address = getAddress('0xcA11bde05977b3631167028862bE2a173976CA11')

const fromHere = createRequire(import.meta.url)

/** @throws HomeostatError `world-artifact-missing` if viem no longer carries the code */
export async function setMulticall3({ rpc }: { readonly rpc: Rpc }): Promise<void> {
  // viem uses this code for deployless calls and does not export it: hence the path into the package.
  const file = join(dirname(fromHere.resolve('viem/package.json')), '_esm', 'constants', 'contracts.js')
  const { multicall3Bytecode } = (await import(pathToFileURL(file).href)) as { multicall3Bytecode?: Hex }
  if (multicall3Bytecode === undefined) {
    throw new HomeostatError('world-artifact-missing', {
      message: 'viem does not carry the code of Multicall3 any more.',
      retry: 'never',
      facts: { path: 'viem/_esm/constants/contracts.js' },
      hint: 'Pin viem to the version in package.json, or take the code from another package.',
    })
  }
  // A creation that is called, not sent, answers with the runtime it would leave.
  const runtime = await rpc.request('eth_call', [{ data: multicall3Bytecode }, 'latest'])
  await rpc.request('anvil_setCode', [multicall3Address, runtime])
}

// Blocks by which chains are recognised that everybody means the same by.

import type { CheckpointConfig } from '../../model/configuration.ts'

/** By chain id: genesis blocks, from Nethermind's KnownHashes.cs (Nethermind.Specs); that of mainnet is also in go-ethereum's params/config.go. */
export const knownBlocks: Readonly<Record<number, CheckpointConfig>> = {
  1: { number: 0, hash: '0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3' },
  100: { number: 0, hash: '0x4f1dd23188aab3a76b463e4af801b52b1248ef073c648cbdc4c9333d3da79756' },
  11155111: { number: 0, hash: '0x25a5cc106eea7138acab33231d7160d69cb777ee0c2c553fcddf5138993e6dd9' },
}

// What must not be in the repository: compiled contracts of others, places on somebody's machine, secrets.

import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { repository } from './cruise.ts'
import { repositoryFiles } from './repository-files.ts'

const texts = repositoryFiles.map((file) => [file, readFileSync(join(repository, file), 'latin1')] as const)
const filesWith = (pattern: RegExp, but: (file: string) => boolean = () => false) =>
  texts.filter(([file, text]) => !but(file) && pattern.test(text)).map(([file]) => file)

describe('the repository', () => {
  it('holds no compiled contract: GPL and BUSL artifacts are read from node_modules when the world is built', () => {
    expect(filesWith(/0x[0-9a-fA-F]{3000,}/)).toEqual([])
    expect(filesWith(/"(deployedBytecode|bytecode|evm)"\s*:/)).toEqual([])
    expect(repositoryFiles.filter((file) => /\.(wasm|bin|exe|so|dylib|node|zip|t?gz)$/.test(file))).toEqual([])
  })

  it('holds only the Solidity that was written here', () => {
    const solidity = texts.filter(([file]) => file.endsWith('.sol'))
    const licences = solidity.map(([file, text]) => [file, /SPDX-License-Identifier: (\S+)/.exec(text)?.[1]])
    expect(licences.filter(([, licence]) => licence !== 'Apache-2.0')).toEqual([])
  })

  it('holds nothing large', () => {
    const large = repositoryFiles.filter((file) => statSync(join(repository, file)).size > 400_000)
    expect(large).toEqual([])
  })

  it('names no place on somebody’s machine and no registry', () => {
    const folders = ['work', 'home', 'root', 'Users', 'mnt', 'workspace'].join('|')
    expect(filesWith(new RegExp(`(^|[\\s"'\`(=:])/(${folders})/[\\w.-]`, 'm'))).toEqual([])
    expect(filesWith(/^\s*(\/\/[^\n]*:_authToken|@?[\w:-]*registry)\s*=/m)).toEqual([])
  })

  it('holds no key of a cloud account or a chat', () => {
    expect(filesWith(/\bAKIA[0-9A-Z]{16}\b(?<!EXAMPLE)/)).toEqual([])
    expect(filesWith(/hooks\.slack\.com\/services\/T[0-9A-Z]{8,}\/B[0-9A-Z]{8,}\/[0-9A-Za-z]{20,}/)).toEqual([])
    expect(filesWith(/-----BEGIN [A-Z ]*PRIVATE KEY-----/)).toEqual([])
  })
})

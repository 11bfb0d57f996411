// Which vendor is in which door, and how heavy each door may be: what a bundle does not contain, its Lambda cannot do.

import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, bundleDoor, doors } from './bundle-door.ts'
import { repository } from './cruise.ts'

interface Allowance {
  /** KB (1000 bytes), minified, without the source map: what was measured and about a tenth. */
  readonly kilobytes: number
  /** Packages of package.json that are in it, no more and no fewer. */
  readonly vendors: readonly string[]
}

const dynamodb = '@aws-sdk/client-dynamodb'
const s3 = '@aws-sdk/client-s3'
const sqs = '@aws-sdk/client-sqs'
const sns = '@aws-sdk/client-sns'
const kms = '@aws-sdk/client-kms'
const secrets = '@aws-sdk/client-secrets-manager'

/**
 * Raise a budget only with a reason in the commit. viem in a door that reads no chain is its hashing: approve and console
 * check signatures, apply-config checks the checksums of addresses. client-sqs in notify, which sends nothing, is what lets a
 * message that failed come back after seconds. apply-config, take-snapshot and assess-risk hold every instrument (DECISIONS 25).
 * Credentials come from a Lambda's environment: what looks for them elsewhere is left out (lib/infra/bundling.ts).
 */
const allowances: Readonly<Record<string, Allowance>> = {
  'apply-config': { kilobytes: 1_020, vendors: [dynamodb, 'mathjs', 'viem', 'yaml', 'zod'] },
  approve: { kilobytes: 430, vendors: [dynamodb, sqs, 'viem', 'zod'] },
  'assess-risk': { kilobytes: 1_020, vendors: [dynamodb, s3, sqs, 'mathjs', 'zod'] },
  calibrate: { kilobytes: 775, vendors: [dynamodb, s3, 'zod'] },
  console: { kilobytes: 590, vendors: [dynamodb, s3, 'viem', 'zod'] },
  deliver: { kilobytes: 465, vendors: [dynamodb, s3, sqs, 'zod'] },
  execute: { kilobytes: 840, vendors: [dynamodb, kms, s3, secrets, sqs, 'viem', 'zod'] },
  'hear-webhook': { kilobytes: 300, vendors: [dynamodb, secrets, sqs, 'zod'] },
  notify: { kilobytes: 530, vendors: [dynamodb, s3, secrets, sns, sqs, 'zod'] },
  propose: { kilobytes: 705, vendors: [dynamodb, s3, secrets, sqs, 'viem', 'zod'] },
  'relayer-address': { kilobytes: 245, vendors: [kms, 'viem', 'zod'] },
  'take-snapshot': { kilobytes: 1_095, vendors: [dynamodb, s3, secrets, sqs, 'viem', 'zod'] },
  tick: { kilobytes: 280, vendors: [dynamodb, sqs, 'zod'] },
  'watch-chain': { kilobytes: 500, vendors: [dynamodb, secrets, sqs, 'viem', 'zod'] },
}

const { dependencies, devDependencies } = JSON.parse(readFileSync(`${repository}package.json`, 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

describe('the bundles of the doors', () => {
  let bundles: readonly Bundle[] = []

  beforeAll(async () => {
    bundles = await Promise.all(doors.map(bundleDoor))
  })

  const doorsWith = (holds: (bundle: Bundle) => boolean) => bundles.filter(holds).map(({ door }) => door)
  const fileIn = (pattern: RegExp) => (bundle: Bundle) => bundle.files.some((file) => pattern.test(file))

  it('each have an allowance', () => {
    expect(Object.keys(allowances).toSorted()).toEqual(doors.toSorted())
  })

  it('hold exactly the vendors that they may', () => {
    const held = bundles.map(({ door, packages }) => [
      door,
      Object.keys(dependencies).filter((name) => packages.has(name)),
    ])
    const allowed = Object.entries(allowances).map(([door, { vendors }]) => [door, vendors.toSorted()])
    expect(Object.fromEntries(held)).toEqual(Object.fromEntries(allowed))
  })

  it('stay within their bytes', () => {
    const tooHeavy = bundles.filter(({ door, bytes }) => bytes > (allowances[door]?.kilobytes ?? 0) * 1000)
    expect(
      tooHeavy.map(({ door }) => door),
      weights(bundles),
    ).toEqual([])
  })

  it('leave room for a tenth and not for a third', () => {
    const tooGenerous = bundles.filter(({ door, bytes }) => bytes * 1.25 < (allowances[door]?.kilobytes ?? 0) * 1000)
    expect(
      tooGenerous.map(({ door }) => door),
      weights(bundles),
    ).toEqual([])
  })

  it('can sign in `execute` alone', () => {
    expect(doorsWith(fileIn(/lib\/actions\/relayer\.ts$/))).toEqual(['execute'])
    expect(doorsWith(fileIn(/client-kms\/.*\/SignCommand\.js$/))).toEqual(['execute'])
  })

  it('can ask a chain only where the door is for it', () => {
    expect(doorsWith(fileIn(/node_modules\/viem\/.*\/createClient\.js$/)).toSorted()).toEqual([
      'execute',
      'propose',
      'take-snapshot',
      'watch-chain',
    ])
  })

  it('read rules only where rules are judged or accepted', () => {
    expect(doorsWith(fileIn(/node_modules\/mathjs\//)).toSorted()).toEqual(['apply-config', 'assess-risk'])
  })

  it('hold no emulator, compiler, contract or other development dependency, and nothing of the CDK', () => {
    const foreign = [...Object.keys(devDependencies), 'aws-cdk-lib', 'constructs', 'cdk-nag', 'commander', 'picocolors']
    expect(
      bundles.flatMap(({ door, packages }) => foreign.filter((name) => packages.has(name)).map((name) => [door, name])),
    ).toEqual([])
  })

  it('hold nothing of the local house, the stack or the command line', () => {
    expect(doorsWith(fileIn(/^(lib\/(local|infra)|bin|test|tools)\//))).toEqual([])
  })
})

/** For whom a budget stops: every door, what it weighs, what it may, and its heaviest packages. */
function weights(bundles: readonly Bundle[]): string {
  const rows = bundles.map(({ door, bytes, packages }) => {
    const heaviest = [...packages]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, 5)
      .map(([name, size]) => `${name} ${Math.round(size / 1000)}`)
    const allowed = allowances[door]?.kilobytes ?? 0
    return `${door.padEnd(16)} ${String(Math.round(bytes / 1000)).padStart(6)} ${String(allowed).padStart(8)}   ${heaviest.join(', ')}`
  })
  return `\ndoor                 KB  allowed   heaviest packages\n${rows.join('\n')}\n`
}

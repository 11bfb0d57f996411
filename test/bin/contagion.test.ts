// `homeostat contagion` as its user runs it, on graphs from standard input.

import { describe, expect, it } from 'vitest'
import { incidents } from '../risk/contagion/incidents.ts'
import { runHomeostat } from './run-homeostat.ts'

const euler = incidents.find(({ id }) => id === 'H07')?.graph ?? { nodes: [], edges: [] }
const input = JSON.stringify(euler)

describe('homeostat contagion', () => {
  it('answers in JSON with each node, who is exposed, and the paths to the portfolios', async () => {
    const { out, code } = await runHomeostat(['contagion', '--graph', '-', '--fail', 'euler', '--json'], input)
    expect(code).toBe(0)
    const answer = JSON.parse(out)
    expect(answer.method).toBe('eisenberg-noe')
    expect(answer.nodes.find(({ id }: { id: string }) => id === 'idle')).toMatchObject({ owed: 7, failed: true })
    expect(answer.exposed.filter(({ hops }: { hops: number }) => hops === 1)).toHaveLength(4)
    expect(answer.paths).toContainEqual(
      expect.objectContaining({ target: 'depositor', nodes: ['euler', 'idle', 'harvest', 'depositor'] }),
    )
    expect(answer.lossUsd + answer.externalLossUsd).toBeCloseTo(answer.destroyedUsd, 9)
  })

  it('tells people in words, with the largest loss first and no colours into a pipe', async () => {
    const { out } = await runHomeostat(['contagion', '--graph', '-', '--depeg', 'euler=0.5'], input)
    expect(out).toContain('If euler (pays 50 %) fails, by eisenberg-noe: 20.25 USD are gone')
    expect(out).toContain('euler -holds-> bb-e-USD -holds-> balancer-lp')
    expect(out).not.toContain('\u001b[')
  })

  it('draws the graph, and writes it for Graphviz', async () => {
    const picture = await runHomeostat(['contagion', 'graph', '--graph', '-', '--svg', '-'], input)
    expect(picture.out).toMatch(/^<svg/)
    for (const { id } of euler.nodes) expect(picture.out).toContain(`>${id}</text>`)
    const dot = await runHomeostat(['contagion', 'graph', '--graph', '-', '--dot', '-'], input)
    expect(dot.out).toContain('"euler" -> "angle" [label="holds 17 USD"];')
  })

  it('says what is wrong with a graph, and what to do', async () => {
    const said = async (words: readonly string[], text: string) => {
      const { err, code } = await runHomeostat(['contagion', ...words], text)
      expect(code).not.toBe(0)
      return err
    }
    expect(await said(['--graph', '-'], input)).toContain('Nothing fails.')
    expect(await said(['--graph', '-', '--fail', 'eul'], input)).toContain('Did you mean euler?')
    expect(await said(['--graph', '-', '--fail', 'euler'], '{')).toContain('is not JSON')
    expect(await said(['--graph', '-', '--fail', 'a'], '{"nodes":[{"id":"a"}],"edges":[]}')).toContain('nodes.0.kind')
  })
})

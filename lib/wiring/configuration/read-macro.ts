// Which series of the wider world betas are measured against, and where each comes from.

import { type MacroSeriesConfig, macroKindOf, macroKinds, macroName } from '../../model/macro.ts'
import { macroSources } from '../../sources/macro/index.ts'
import { oneOf, text } from './scalars.ts'
import { derived, mapOf, type Reader, required } from './shapes.ts'

const name = text({
  what: 'a name as rules write it, such as SPX: a letter, then letters, digits and _, at most 20',
  max: 20,
  pattern: macroName,
  suggest: (given) => given.replace(/[^A-Za-z0-9_]+/g, '').slice(0, 20),
})

/** One line of `macro`; the id has the form of its source. */
export const macroSeries: Reader<MacroSeriesConfig> = mapOf<MacroSeriesConfig>(
  {
    series: required(name),
    source: required(oneOf(macroSources.map((source) => source.name))),
    id: required(text({ what: 'the id by which the source calls it, at most 100 characters', max: 100 })),
    kind: derived(oneOf(macroKinds), ({ series }) => (typeof series === 'string' ? macroKindOf(series) : undefined)),
  },
  ({ sheet, draft, at }) => {
    const source = macroSources.find((one) => one.name === draft.source)
    if (source === undefined || draft.id === undefined || source.idPattern.test(draft.id)) return
    sheet.report(at('id'), {
      reason: `\`id\` ${JSON.stringify(draft.id)} is no id of ${source.name}, whose ids look like ${source.exampleId}`,
    })
  },
)

// A course in one line of text; what is missing is blank.

const marks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/**
 * One mark for each value, or for as many neighbouring ones as make `width` marks of all: their mean between the least and the greatest.
 * Where no value is, there is a space.
 */
export function sparkline(values: readonly (number | undefined)[], width: number): string {
  const size = Math.max(1, Math.ceil(values.length / width))
  const means = Array.from({ length: Math.ceil(values.length / size) }, (_, index) => {
    const part = values.slice(index * size, (index + 1) * size).filter((value) => value !== undefined)
    return part.length === 0 ? undefined : part.reduce((sum, value) => sum + value, 0) / part.length
  })
  const known = means.filter((mean) => mean !== undefined)
  const least = Math.min(...known)
  const span = Math.max(...known) - least
  return means
    .map((mean) => {
      if (mean === undefined) return ' '
      const level = span === 0 ? 3 : Math.min(7, Math.floor(((mean - least) / span) * 8))
      return marks[level]
    })
    .join('')
}

// Which word was probably meant: every refusal of an unknown name offers one.

/** The word at the least edit distance, if it is near enough to be a slip of the pen; case alone always is. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)
  const best = ranked[0]
  const allowed = Math.max(1, Math.floor(word.length / 2))
  return best !== undefined && best.distance <= allowed ? best.candidate : undefined
}

/** Insertions, deletions and substitutions (Levenshtein 1966), by Wagner and Fischer's table of two rows. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}

// Numbers as people read them in alerts and explanations: as many digits as matter, no more.

/** `1,234,568`, `12.35`, `1.274`, `0.0021`: whole above a thousand, else four significant digits. */
export function inWords(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (size >= 1_000) return value.toLocaleString('en-US', { maximumFractionDigits: 0 })
  return value.toLocaleString('en-US', { maximumSignificantDigits: 4 })
}

/** The word at that place of a list of words, where the value is one; else the number. */
export function levelOr(value: number, levels: readonly string[] | undefined): string {
  return levels?.[value] ?? inWords(value)
}

/** `+0.013`, `-0.21`. */
export function signedInWords(value: number): string {
  return `${value < 0 ? '-' : '+'}${inWords(Math.abs(value))}`
}

/** `12.4 %` for 0.124. */
export function percentInWords(fraction: number): string {
  return `${inWords(fraction * 100)} %`
}

/** The least change that `inWords` of a value of this size can show: 1 for 1,234,568, 0.001 for 1.274. */
export function displayStep(value: number): number {
  const size = Math.abs(value)
  if (!Number.isFinite(size) || size === 0) return 0
  return size >= 1_000 ? 1 : 10 ** (Math.floor(Math.log10(size)) - 3)
}

// Dollars in few characters: 38.2 M.

/** Three digits and the unit of thousands. */
export function dollars(usd: number): string {
  const units = ['', ' k', ' M', ' bn', ' tn'] as const
  let value = usd
  let unit = 0
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1_000
    unit += 1
  }
  return `${Number(value.toPrecision(3)).toLocaleString('en-US')}${units[unit]} USD`
}

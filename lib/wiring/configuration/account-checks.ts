// Which accounts cannot be meant: a contract of the chain itself, and one that another portfolio watches already.

import type { Place, Sheet } from './sheet.ts'

/** Every address below a place, in lower case, with the path where it stands first. */
export function contractsOf(sheet: Sheet, place: Place): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const walk = (at: Place): void => {
    const source = sheet.scalar(at)?.source.toLowerCase()
    if (source !== undefined && /^0x[0-9a-f]{40}$/.test(source) && !found.has(source)) found.set(source, at.path)
    for (const { value } of sheet.entries(at) ?? []) walk(value)
    for (const item of sheet.items(at) ?? []) walk(item)
  }
  walk(place)
  return found
}

/** Two portfolios on one account would propose, number and sign against each other. */
export function onePortfolioAnAccount(sheet: Sheet, portfolios: Place): void {
  const first = new Map<string, Place>()
  for (const item of sheet.items(portfolios) ?? []) {
    const placeOf = (key: string) => sheet.entries(item)?.find((entry) => entry.key === key)?.value
    const [chain, account] = [placeOf('chain'), placeOf('account')]
    const address = account && sheet.scalar(account)?.source.toLowerCase()
    const on = chain && sheet.scalar(chain)?.value
    if (account === undefined || address === undefined || typeof on !== 'string') continue
    const earlier = first.get(`${on} ${address}`)
    if (earlier === undefined) first.set(`${on} ${address}`, account)
    else
      sheet.report(account, {
        reason: `this account on ${on} is watched twice (first at ${earlier.path}): its orders would get in each other's way; put the rules into one portfolio`,
      })
  }
}

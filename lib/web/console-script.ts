// What runs in the browser on the console page: renews changed sections, and never one that somebody is using.

/** Turns `<time data-at>` into ages, by the server's clock; shared by the pages. */
export const ageScript = `
const page = JSON.parse(document.getElementById('page-data').textContent)
let skew = page.at - Date.now() / 1000
const now = () => Date.now() / 1000 + skew
const span = (seconds) => {
  const size = Math.abs(seconds)
  if (size < 90) return Math.round(size) + ' s'
  if (size < 5400) return +(size / 60).toFixed(1) + ' min'
  if (size < 129600) return +(size / 3600).toFixed(1) + ' h'
  return +(size / 86400).toFixed(1) + ' d'
}
const tickAges = () => {
  for (const element of document.querySelectorAll('time[data-at]')) {
    const age = now() - Number(element.dataset.at)
    const text = age < -1 ? 'in ' + span(age) : span(Math.max(0, age)) + ' ago'
    if (element.textContent !== text) element.textContent = text
  }
}
tickAges()
setInterval(tickAges, 1000)
`

export const consoleScript = `'use strict';
{
${ageScript}
const shown = new Map()
const state = document.getElementById('link-state')
const inUse = (element) => {
  const selection = getSelection()
  return selection !== null && !selection.isCollapsed && element.contains(selection.anchorNode)
}
const focusable = 'a, button, summary'
const renew = (element, html) => {
  const open = new Set([...element.querySelectorAll('details[data-keep][open]')].map((one) => one.dataset.keep))
  const left = [...element.querySelectorAll('.scroll')].map((one) => one.scrollLeft)
  const focused = [...element.querySelectorAll(focusable)].indexOf(document.activeElement)
  element.innerHTML = html
  for (const one of element.querySelectorAll('details[data-keep]')) one.open = open.has(one.dataset.keep)
  element.querySelectorAll('.scroll').forEach((one, index) => { one.scrollLeft = left[index] || 0 })
  if (focused >= 0) element.querySelectorAll(focusable)[focused]?.focus({ preventScroll: true })
}
const poll = async () => {
  const response = await fetch(page.url, { headers: { accept: 'application/json' }, cache: 'no-store', signal: AbortSignal.timeout(10000) })
  if (response.status === 401) {
    state.innerHTML = 'Session ended. <a href="/login">Log in again</a>'
    return false
  }
  if (!response.ok) throw new Error('the server answered ' + response.status)
  const { view, sections } = await response.json()
  skew = view.at - Date.now() / 1000
  for (const element of document.querySelectorAll('[data-section]')) {
    const html = sections[element.dataset.section]
    if (html === undefined || shown.get(element) === html || inUse(element)) continue
    renew(element, html)
    shown.set(element, html)
  }
  tickAges()
  state.className = 'soft small'
  state.textContent = ''
  return true
}
let lastGood = now()
const loop = async () => {
  let again = true
  if (!document.hidden) {
    try {
      again = await poll()
      lastGood = now()
    } catch {
      state.className = 'bad small'
      state.textContent = 'No connection: what is shown is from ' + span(now() - lastGood) + ' ago.'
    }
  }
  if (again) setTimeout(loop, page.everySeconds * 1000)
}
setTimeout(loop, page.everySeconds * 1000)
}
`

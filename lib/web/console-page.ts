// The console: one portfolio on one page, renewed in place.

import { consoleScript } from './console-script.ts'
import { type ConsoleLinks, consoleSections } from './console-sections.ts'
import { html, jsonBlock, type Markup } from './markup.ts'
import { pageFrame } from './page-frame.ts'
import type { PortfolioView } from './portfolio-view.ts'

export interface ConsolePage {
  readonly view: PortfolioView
  readonly links: ConsoleLinks
  /** All portfolios, to switch between. */
  readonly portfolios: readonly string[]
  /** Who is looking. */
  readonly who: string
  readonly nonce: string
}

/** What the page polls: the data for whoever wants it, and the same sections that the page was made of. */
export interface ConsoleJson {
  readonly view: PortfolioView
  readonly sections: Readonly<Record<string, string>>
}

export function consoleJson(view: PortfolioView, links: ConsoleLinks): ConsoleJson {
  const sections = Object.entries(consoleSections(view, links)).map(([name, markup]) => [name, markup.html] as const)
  return { view, sections: Object.fromEntries(sections) }
}

/** The page as text. */
export function consolePage(page: ConsolePage): string {
  const sections = consoleSections(page.view, page.links)
  const part = (name: string) => html`<div data-section="${name}">${sections[name]}</div>`
  const boxed = (name: string) => html`<section data-section="${name}">${sections[name]}</section>`
  const body = html`<header class="top"><h1>${page.view.name}</h1>${switcher(page)}<span class="grow"></span>
<span class="soft small" id="link-state" role="status"></span>
<span class="soft small">${page.who}</span>
<form method="post" action="/logout"><button class="link small">Log out</button></form></header>
<main>
${part('state')}
${part('figures')}
<div class="columns"><div class="stack">${boxed('orders')}</div><div class="stack">${boxed('alerts')}${boxed('events')}</div></div>
<div class="columns"><div class="stack">${boxed('market')}</div><div class="stack">${boxed('tail')}</div></div>
${boxed('changes')}${boxed('greeks')}${boxed('positions')}${boxed('markets')}
<div class="columns"><div class="stack">${boxed('carry')}${boxed('prices')}</div><div class="stack">${boxed('stress')}</div></div>
${boxed('crises')}
${boxed('deliveries')}
<p class="soft small">${page.view.account && html`Account <span class="mono">${page.view.account}</span> on ${page.view.chain}.`}</p>
</main>
${jsonBlock('page-data', {
  at: page.view.at,
  url: `/api/portfolios/${encodeURIComponent(page.view.portfolioId)}`,
  everySeconds: 3,
})}`
  return pageFrame({ title: `${page.view.name} - Homeostat`, nonce: page.nonce, body, script: consoleScript })
}

function switcher({ portfolios, view }: ConsolePage): Markup | undefined {
  if (portfolios.length < 2) return undefined
  const links = portfolios.map((id) => {
    return id === view.portfolioId
      ? html` <strong>${id}</strong>`
      : html` <a href="/?portfolio=${encodeURIComponent(id)}">${id}</a>`
  })
  return html`<nav class="small" aria-label="Portfolios">${links}</nav>`
}

// The frame of every page: one style sheet, a strict content policy, nothing from anywhere else.

import { constant, html, type Markup } from './markup.ts'

export interface PageParts {
  readonly title: string
  /** Fresh random text for each response; scripts and styles without it do not run. */
  readonly nonce: string
  readonly body: Markup
  /** Our own script, constant text. */
  readonly script?: string
}

/** A whole document as text. */
export function pageFrame(parts: PageParts): string {
  const script = parts.script === undefined ? undefined : scriptElement(parts.nonce, parts.script)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="color-scheme" content="light dark">
<title>${parts.title}</title>
<link rel="icon" href="data:,">
<style nonce="${parts.nonce}">${constant(styleSheet)}</style>
</head>
<body>
${parts.body}
${script}
</body>
</html>
`.html
}

/**
 * The content security policy that belongs to a page.
 * @param connectTo one more origin that its script may call; the local demo signer's
 */
export function contentSecurityPolicy(nonce: string, connectTo?: string): string {
  return [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    `img-src data:`,
    `connect-src 'self'${connectTo === undefined ? '' : ` ${connectTo}`}`,
    `form-action 'self'`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ')
}

function scriptElement(nonce: string, script: string): Markup {
  return html`<script nonce="${nonce}">${constant(script)}</script>`
}

const styleSheet = `
:root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --ink: #16191d; --soft: #5a636e; --line: #dfe3e8;
  --good: #13733a; --warn: #8a5a00; --bad: #b3261e; --good-ground: #e4f4ea; --warn-ground: #fdf1d8; --bad-ground: #fde8e6; --link: #0b57d0; --bar: #8ea3bd; }
@media (prefers-color-scheme: dark) { :root { --ground: #111417; --card: #1a1e23; --ink: #e8eaed; --soft: #9aa4b0; --line: #2e343b;
  --good: #6fd08f; --warn: #f0c060; --bad: #ff8f85; --good-ground: #16301f; --warn-ground: #33290f; --bad-ground: #3a1a18; --link: #8ab4f8; --bar: #5f7896; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums; }
main, header.top { max-width: 1180px; margin: 0 auto; padding: 0 16px; }
header.top { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline; padding-top: 16px; padding-bottom: 8px; }
header.top .grow { flex: 1; }
main { padding-bottom: 48px; }
h1 { font-size: 20px; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 0 0 8px; }
h3 { font-size: 14px; margin: 12px 0 4px; }
p { margin: 0 0 8px; }
a { color: var(--link); }
.soft { color: var(--soft); }
.small { font-size: 13px; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; margin: 12px 0; }
.columns { display: grid; gap: 0 12px; grid-template-columns: minmax(0, 1fr); }
.stack { display: grid; gap: 12px; min-width: 0; margin-bottom: 12px; align-content: start; grid-template-columns: minmax(0, 1fr); }
.stack > section { margin: 0; }
@media (min-width: 900px) { .columns { grid-template-columns: repeat(2, minmax(0, 1fr)); align-items: start; }
  .columns.swapped > .stack:first-child { order: 2; } }
.banner { border-left: 6px solid var(--line); border-radius: 8px; padding: 10px 14px; margin: 12px 0; background: var(--card); }
.banner.FRESH { border-color: var(--good); background: var(--good-ground); }
.banner.DEGRADED { border-color: var(--warn); background: var(--warn-ground); }
.banner.BLIND { border-color: var(--bad); background: var(--bad-ground); }
.banner ul { margin: 4px 0 0; padding-left: 18px; }
.cards { display: grid; gap: 12px; grid-template-columns: repeat(2, minmax(0, 1fr)); margin: 12px 0; }
@media (min-width: 700px) { .cards { grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); } }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; min-width: 0; }
.card .name { color: var(--soft); font-size: 13px; }
.card .figure { font-size: 22px; font-weight: 600; line-height: 1.25; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: right; padding: 5px 0 5px 12px; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 500; font-size: 13px; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
tr:last-child td { border-bottom: 0; }
td.figure, td.lines { white-space: nowrap; }
td.wide { width: 40%; }
td.meter { width: 22%; min-width: 64px; }
section h2 ~ div.scroll + div.scroll, section details + div.scroll { margin-top: 12px; }
section ul { margin: 4px 0; padding-left: 18px; }
td[class*="loss"], td[class*="gain"] { padding-right: 6px; } td.lines .line { white-space: normal; }
.loss1 { background: color-mix(in srgb, var(--bad) 9%, transparent); } .loss2 { background: color-mix(in srgb, var(--bad) 20%, transparent); }
.loss3 { background: color-mix(in srgb, var(--bad) 33%, transparent); } .loss4 { background: color-mix(in srgb, var(--bad) 48%, transparent); }
.gain1 { background: color-mix(in srgb, var(--good) 9%, transparent); } .gain2 { background: color-mix(in srgb, var(--good) 18%, transparent); }
.gain3 { background: color-mix(in srgb, var(--good) 28%, transparent); } .gain4 { background: color-mix(in srgb, var(--good) 40%, transparent); }
.line { display: block; }
td.left, th.left { text-align: left; }
.pill { display: inline-block; border-radius: 999px; padding: 0 8px; font-size: 12px; line-height: 20px; font-weight: 600; border: 1px solid currentColor; white-space: nowrap; }
.item { border-top: 1px solid var(--line); padding: 10px 0; }
.item:first-of-type { border-top: 0; padding-top: 0; }
.item p { margin: 2px 0; overflow-wrap: anywhere; }
.timeline { list-style: none; margin: 8px 0; padding: 0; font-size: 13px; }
.timeline li { display: grid; grid-template-columns: 92px minmax(0, 1fr); gap: 2px 10px; padding: 3px 0 3px 12px; border-left: 2px solid var(--line); }
.timeline li .note { color: var(--soft); overflow-wrap: anywhere; }
.mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 12.5px; overflow-wrap: anywhere; }
dl.facts { display: grid; grid-template-columns: minmax(110px, max-content) minmax(0, 1fr); gap: 4px 14px; margin: 0; }
dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
button, .button { font: inherit; font-weight: 600; border-radius: 6px; border: 1px solid var(--link); background: var(--link); color: var(--card); padding: 9px 16px; min-height: 42px; cursor: pointer; text-decoration: none; display: inline-block; }
button.quiet { background: transparent; color: var(--link); } button.danger { background: transparent; border-color: var(--bad); color: var(--bad); }
button:disabled { opacity: .45; cursor: not-allowed; }
.link { border: 0; background: none; color: var(--link); padding: 0; min-height: 0; font-weight: 400; text-decoration: underline; }
.actions { display: flex; flex-wrap: wrap; gap: 10px; margin: 12px 0 0; }
.notice { margin-top: 10px; margin-bottom: 0; overflow-wrap: anywhere; }
.notice:empty { display: none; }
details > summary { cursor: pointer; color: var(--soft); padding: 4px 0; }
ol.steps { margin: 0; padding-left: 22px; } ol.steps li { padding: 2px 0; overflow-wrap: anywhere; }
svg.bar { display: block; width: 100%; min-width: 56px; height: 14px; margin-top: 4px; }
@media (max-width: 560px) {
  main, header.top { padding-left: 10px; padding-right: 10px; }
  section { padding: 12px; }
  th { white-space: normal; vertical-align: bottom; }
  th, td { padding-left: 8px; }
  table.stacked thead { display: none; }
  table.stacked tr { display: grid; grid-template-columns: repeat(auto-fit, minmax(72px, 1fr)); gap: 2px 8px; padding: 6px 0; border-bottom: 1px solid var(--line); }
  table.stacked tr:last-child { border-bottom: 0; }
  table.stacked td { border: 0; padding: 0; text-align: left; }
  td.lines { white-space: normal; }
  table.stacked td.meter { display: none; }
  table.stacked td:first-child { grid-column: 1 / -1; }
  table.stacked td[data-label]:not(:first-child)::before { content: attr(data-label); display: block; color: var(--soft); font-size: 12px; }
  dl.facts { grid-template-columns: minmax(90px, 30%) minmax(0, 1fr); }
}
.narrow-page { max-width: 460px; margin: 12vh auto 0; }
[hidden] { display: none !important; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
`

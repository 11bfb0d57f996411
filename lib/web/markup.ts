// Everything that the pages show passes through one template tag that escapes it, so that no name or chain text can become markup.

/** HTML that is already safe; only `html`, `joined` and `jsonBlock` make it. */
export interface Markup {
  readonly html: string
}

type Part = Markup | string | number | undefined | false | readonly (Markup | undefined | false)[]

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for element content and for quoted attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character)
}

/** Template tag: strings and numbers are escaped, Markup is kept, lists are joined, undefined and false vanish. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { html: strings.map((text, index) => text + rendered(parts[index])).join('') }
}

/** Markup pieces one after the other. */
export function joined(parts: readonly (Markup | undefined | false)[], separator = ''): Markup {
  return { html: parts.flatMap((part) => (part ? [part.html] : [])).join(separator) }
}

/** Data for the page's script: a block that browsers never execute and that cannot close itself early. */
export function jsonBlock(id: string, value: unknown): Markup {
  const json = JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  return { html: `<script type="application/json" id="${escapeHtml(id)}">${json}</script>` }
}

/** Our own constant text, such as a style sheet: never anything that came from outside. */
export function constant(text: string): Markup {
  return { html: text }
}

function rendered(part: Part): string {
  if (part === undefined || part === false) return ''
  if (typeof part === 'string') return escapeHtml(part)
  if (typeof part === 'number') return String(part)
  return 'html' in part ? part.html : joined(part).html
}

// A strict reader of the XML that charts are: tests look at elements and texts, and anything malformed throws.

export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: (XmlElement | string)[]
}

const nameStart = '[A-Za-z_:][\\w:.-]*'
const tag = new RegExp(`^<(/?)(${nameStart})((?:\\s+${nameStart}="[^"<]*")*)\\s*(/?)>`)
const attribute = new RegExp(`(${nameStart})="([^"]*)"`, 'g')
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * The root of a document of elements, quoted attributes and text, which is all that charts may consist of.
 * @throws Error on anything else: a stray bracket or ampersand, a duplicate attribute, a wrong end tag, a character XML forbids
 */
export function parsedXml(text: string): XmlElement {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 forbids exactly these.
  const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.exec(text)
  if (forbidden !== null || !text.isWellFormed()) throw new Error('A character that XML forbids.')
  const document: XmlElement = { name: '', attributes: {}, children: [] }
  const open = [document]
  let rest = text.trim()
  while (rest !== '') {
    const parent = open.at(-1) ?? document
    const found = tag.exec(rest)
    if (found === null) {
      const end = rest.indexOf('<')
      if (end === 0) throw new Error(`Not a tag: ${rest.slice(0, 40)}`)
      const piece = end === -1 ? rest : rest.slice(0, end)
      if (parent === document) throw new Error(`Text outside of the root: ${piece.slice(0, 40)}`)
      parent.children.push(decoded(piece))
      rest = rest.slice(piece.length)
      continue
    }
    const [whole, closing, name = '', attributes = '', empty] = found
    rest = rest.slice(whole.length)
    if (closing === '/') {
      if (parent.name !== name || parent === document) throw new Error(`</${name}> closes <${parent.name}>.`)
      open.pop()
      continue
    }
    const element = { name, attributes: attributesOf(attributes), children: [] }
    parent.children.push(element)
    if (empty !== '/') open.push(element)
  }
  const [root, ...others] = document.children
  if (open.length !== 1 || root === undefined || typeof root === 'string' || others.length > 0) {
    throw new Error('Not one closed root element.')
  }
  return root
}

/** All elements of that name, in order. */
export function elementsNamed(root: XmlElement, name: string): readonly XmlElement[] {
  const inner = root.children.flatMap((child) => (typeof child === 'string' ? [] : elementsNamed(child, name)))
  return root.name === name ? [root, ...inner] : inner
}

/** The text of an element and all within it. */
export function textOf(element: XmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('')
}

function attributesOf(text: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const [, name = '', value = ''] of text.matchAll(attribute)) {
    if (name in found) throw new Error(`Attribute twice: ${name}`)
    found[name] = decoded(value)
  }
  return found
}

function decoded(text: string): string {
  return text.replace(/&(#\d+|#x[0-9a-f]+|\w+)?;?/gi, (whole, name: string | undefined) => {
    if (name === undefined || !whole.endsWith(';')) throw new Error(`A bare ampersand: ${text.slice(0, 40)}`)
    if (name.startsWith('#x')) return String.fromCodePoint(Number.parseInt(name.slice(2), 16))
    if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)))
    const character = entities[name]
    if (character === undefined) throw new Error(`An entity that XML does not know: ${whole}`)
    return character
  })
}

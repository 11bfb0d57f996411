// How deep a text of JSON is nested, told from the text alone: a parser would have run out of stack before it could say.

/** True if brackets and braces outside of strings are open more than `limit` deep anywhere; the text need not be JSON. */
export function isNestedDeeper(text: string, limit: number): boolean {
  let depth = 0
  let isInString = false
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (isInString) {
      if (character === '\\') index += 1
      else if (character === '"') isInString = false
    } else if (character === '"') isInString = true
    else if (character === '{' || character === '[') {
      depth += 1
      if (depth > limit) return true
    } else if (character === '}' || character === ']') depth -= 1
  }
  return false
}

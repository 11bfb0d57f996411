// The cells of a line of CSV and back again, so that what one command writes every reader takes (RFC 4180).

/** Cells of a line: a separator within quotes is text, and two quotes there are one. */
export function csvCells(text: string, separator: string): readonly string[] {
  if (!text.includes('"')) return text.split(separator)
  const cells: string[] = []
  let cell = ''
  let isQuoted = false
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (character === '"' && isQuoted && text[index + 1] === '"') {
      cell += '"'
      index += 1
    } else if (character === '"') isQuoted = !isQuoted
    else if (character === separator && !isQuoted) {
      cells.push(cell)
      cell = ''
    } else cell += character
  }
  cells.push(cell)
  return cells
}

/** One cell as it is written between commas. A line break becomes a space: readers here take a line at a time. */
export function csvCell(value: string | number): string {
  const text = String(value).replaceAll(/[\r\n]+/g, ' ')
  return /[",;\t]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

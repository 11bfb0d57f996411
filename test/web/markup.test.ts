import { expect, test } from 'vitest'
import { html, joined, jsonBlock } from '../../lib/web/markup.ts'

test('text from outside cannot open a tag or leave an attribute', () => {
  const evil = `"><script>alert('x')</script>&`
  const { html: text } = html`<p title="${evil}">${evil}</p>`
  expect(text).not.toContain('<script')
  expect(text.match(/"/g)).toHaveLength(2)
  expect(text).toContain('&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;')
})

test('markup inside markup is kept, lists are joined, what is absent vanishes, and a zero stays', () => {
  const items = ['a', '<b>'].map((item) => html`<li>${item}</li>`)
  expect(html`<ul>${items}${undefined}${false}</ul>${0}`.html).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul>0')
  expect(joined([html`a`, undefined, html`b`], ', ').html).toBe('a, b')
})

test('a data block cannot be closed early and gives its value back', () => {
  const value = { text: '</script><!--<script>&\u2028', list: [1, undefined, 'ü'] }
  const { html: text } = jsonBlock('data', value)
  const inner = text.slice(text.indexOf('>') + 1, text.lastIndexOf('</script>'))
  expect(inner).not.toMatch(/[<>&\u2028]/)
  expect(JSON.parse(inner)).toEqual({ ...value, list: [1, null, 'ü'] })
})

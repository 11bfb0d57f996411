// The small pages: log in, use a link, nothing here.

import { walletScript } from './approve-script.ts'
import { html } from './markup.ts'
import { pageFrame } from './page-frame.ts'

/** Says nothing beyond that there is nothing. */
export function notFoundPage(nonce: string): string {
  const body = html`<main class="narrow-page"><section><h1>There is nothing here</h1><p class="soft">Check that the link is whole.</p></section></main>`
  return pageFrame({ title: 'Homeostat', nonce, body })
}

/** Logs in with a wallet; says nothing about the desk. */
export function loginPage(nonce: string): string {
  const body = html`<main class="narrow-page"><section><h1>Homeostat</h1>
<p>Log in with a wallet of this desk. You sign a short text; it moves nothing and approves nothing.</p>
<div class="actions"><button type="button" id="login">Log in with wallet</button></div>
<p class="notice" id="notice" role="alert"></p>
<p class="small soft">No wallet at hand? Run <span class="mono">homeostat console link</span> where the desk is administered.</p></section></main>`
  return pageFrame({ title: 'Homeostat', nonce, body, script: loginScript })
}

/**
 * The page behind a one-time link: opening it changes nothing, because chat programs open links too. Its address is the action.
 * @param state `refused`: the link was used up, is too old, or never was one
 */
export function linkPage(nonce: string, state: 'offer' | 'refused'): string {
  const body =
    state === 'offer'
      ? html`<main class="narrow-page"><section><h1>Homeostat</h1><p>This link opens the console once, from this browser.</p>
<form method="post"><div class="actions"><button>Open the console</button></div></form></section></main>`
      : html`<main class="narrow-page"><section><h1>This link does not work any more</h1>
<p>A link works once and for ten minutes. Ask for another: <span class="mono">homeostat console link</span></p></section></main>`
  return pageFrame({ title: 'Homeostat', nonce, body })
}

/** A session without a portfolio to show. */
export function emptyConsolePage(nonce: string): string {
  const body = html`<main class="narrow-page"><section><h1>Homeostat</h1><p>No portfolio is configured under this name.</p>
<p><a href="/">Back to the console</a></p></section></main>`
  return pageFrame({ title: 'Homeostat', nonce, body })
}

const loginScript = `'use strict';
{
${walletScript}
const notice = document.getElementById('notice')
const button = document.getElementById('login')
const say = (text, tone) => {
  notice.textContent = text
  notice.className = 'notice ' + (tone || '')
}
// A browser does not send a strict cookie when it comes from another site; from here it does.
fetch('/api/session', { cache: 'no-store' }).then((response) => { if (response.ok) location.replace('/') }).catch(() => {})
button.addEventListener('click', async () => {
  button.disabled = true
  try {
    const address = await walletAccount()
    const { nonce, text } = await postJson('/login/nonce', { address })
    say('Sign the text in the wallet.')
    const signature = await window.ethereum.request({ method: 'personal_sign', params: [toHex(text), address] })
    await postJson('/login', { address, nonce, signature })
    location.replace('/')
  } catch (error) {
    say(explain(error), 'bad')
    button.disabled = false
  }
})
}
`

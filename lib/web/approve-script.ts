// What runs in the browser on the approval page: asks the wallet, posts the signature, and says when what is shown is out of date.

import { ageScript } from './console-script.ts'

/** Calls of an injected wallet (EIP-1193); shared with the login page. */
export const walletScript = `
const toHex = (text) => '0x' + [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
const walletAccount = async () => {
  if (!window.ethereum) throw new Error('No wallet in this browser. Open this page in the browser of your wallet, or use the CLI: npx homeostat --help')
  const [account] = await window.ethereum.request({ method: 'eth_requestAccounts' })
  if (!account) throw new Error('The wallet gave no account.')
  return account.toLowerCase()
}
const postJson = async (url, body) => {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal: AbortSignal.timeout(20000) })
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Error([answer.error?.message ?? 'The server answered ' + response.status + '.', answer.error?.hint].filter(Boolean).join(' '))
  return answer
}
const explain = (error) => (error && error.code === 4001 ? 'You declined in the wallet; nothing happened.' : (error && error.message) || String(error))
`

export const approveScript = `'use strict';
{
${ageScript}
${walletScript}
const notice = document.getElementById('notice')
const decide = document.getElementById('decide')
const buttons = [...document.querySelectorAll('button[data-act]')]
let outdated = false
let busy = false
const say = (text, tone) => {
  if (!notice) return
  notice.textContent = text
  notice.className = 'notice ' + (tone || '')
}
const arm = () => {
  for (const button of buttons) {
    const late = button.dataset.act === 'approve' && now() >= page.validUntil
    button.disabled = busy || outdated || late
  }
}
const signers = {
  wallet: {
    approve: async () => {
      const account = await walletAccount()
      if (!page.approvers.includes(account)) throw new Error('The wallet account ' + account + ' is not an approver of this order.')
      const chain = parseInt(await window.ethereum.request({ method: 'eth_chainId' }), 16)
      if (chain !== page.chainId) {
        say('The wallet is on chain ' + chain + '; asking it to switch to ' + page.chainId + '.')
        await window.ethereum.request({ method: 'wallet_switchEthereumChain', params: [{ chainId: '0x' + page.chainId.toString(16) }] })
      }
      say('Compare the hash, then sign in the wallet.')
      return window.ethereum.request({ method: 'eth_signTypedData_v4', params: [account, JSON.stringify(page.typedData)] })
    },
    reject: async () => {
      const account = await walletAccount()
      say('Sign the rejection in the wallet.')
      return window.ethereum.request({ method: 'personal_sign', params: [toHex(page.rejectionText), account] })
    },
  },
  demo: {
    approve: async () => (await postJson(page.demoSignUrl, { kind: 'approve', orderId: page.orderId, typedData: page.typedData })).signature,
    reject: async () => (await postJson(page.demoSignUrl, { kind: 'reject', orderId: page.orderId, text: page.rejectionText })).signature,
  },
}
const act = async (button) => {
  const { act, signer } = button.dataset
  if (act === 'requote') {
    await postJson(page.path + '/requote', {})
    say('A new quote was asked for; this page says when it is there.', 'good')
    return
  }
  const signature = await signers[signer][act]()
  say('Sending the signature.')
  const target = act === 'approve' ? '/approvals' : '/rejection'
  await postJson(page.path + target, { signature, safeTransactionHash: page.safeTransactionHash })
  say(act === 'approve' ? 'Your approval was recorded.' : 'The order was rejected.', 'good')
}
for (const button of buttons) {
  button.addEventListener('click', async () => {
    if (busy) return
    busy = true
    arm()
    try {
      await act(button)
    } catch (error) {
      say(explain(error), 'bad')
    }
    busy = false
    await refresh().catch(() => {})
    arm()
  })
}
const countdown = () => {
  const element = document.getElementById('countdown')
  const left = page.validUntil - now()
  if (element) element.textContent = left > 0 ? Math.floor(left / 60) + ' min ' + String(Math.floor(left % 60)).padStart(2, '0') + ' s left' : 'over; ask for a new quote'
  arm()
}
const shown = new Map()
const renew = (element, html) => {
  const open = new Set([...element.querySelectorAll('details[open]')].map((one) => one.dataset.keep))
  element.innerHTML = html
  for (const one of element.querySelectorAll('details')) one.open = open.has(one.dataset.keep)
}
const refresh = async () => {
  const response = await fetch(page.path + '.json', { cache: 'no-store', signal: AbortSignal.timeout(10000) })
  if (!response.ok) return
  const fresh = await response.json()
  skew = fresh.at - Date.now() / 1000
  if (fresh.safeTransactionHash !== page.safeTransactionHash) {
    outdated = true
    arm()
    if (!notice) return
    say('The order was quoted again. ', 'bad')
    const link = document.createElement('a')
    link.href = page.path
    link.textContent = 'Show the new quote'
    notice.append(link)
    return
  }
  for (const element of document.querySelectorAll('[data-section]')) {
    const html = fresh.sections[element.dataset.section]
    const selection = getSelection()
    const selecting = selection !== null && !selection.isCollapsed && element.contains(selection.anchorNode)
    if (html === undefined || shown.get(element) === html || selecting) continue
    renew(element, html)
    shown.set(element, html)
  }
  if (fresh.order.status !== 'PROPOSED') {
    for (const button of buttons) button.hidden = true
  }
  tickAges()
  countdown()
}
countdown()
setInterval(countdown, 1000)
const loop = async () => {
  if (!document.hidden) await refresh().catch(() => {})
  if (!outdated) setTimeout(loop, page.everySeconds * 1000)
}
setTimeout(loop, page.everySeconds * 1000)
}
`

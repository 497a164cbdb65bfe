// What the scenarios share: a browser, people who sign in, and a watch over what their pages do.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { chromium } from 'playwright-core'

export const pages = setting('PAGES')
const helper = setting('HELPER')
const password = setting('PASSWORD')
const shots = setting('SHOTS')

/** The smallest screen that the pages promise to fit. */
export const viewport = { width: 1366, height: 768 }

function setting(name) {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: run go test ./web/e2e`)
  return value
}

/** Chromium with a new profile, a microphone that beeps, and WebRTC over loopback. */
export function openBrowser({ soundNeedsGesture = false } = {}) {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--disable-component-update',
      '--disable-sync', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
      '--allow-loopback-in-peer-connection', ...(soundNeedsGesture ? [] : ['--autoplay-policy=no-user-gesture-required']),
    ],
  })
}

/** A person at a computer of their own. What their pages must never do is collected and checked by close(). */
export async function openPerson(browser, { locale = 'zh-CN' } = {}) {
  const context = await browser.newContext({ viewport, locale, timezoneId: 'Asia/Shanghai', permissions: ['microphone'] })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  const faults = []
  const data = new Set()
  page.on('console', (m) => {
    // The browser itself notes every refusal; that of nobody being signed in yet and that of a wrong password are meant.
    const meant = m.text().includes('401') && /\/api\/v1\/(me|session)$/.test(m.location().url)
    if (m.type() === 'error' && !meant) faults.push(`console: ${m.text()} (${m.location().url})`)
  })
  page.on('pageerror', (e) => faults.push(`exception: ${e.stack ?? e}`))
  const ours = new URL(pages).host
  const visited = (url) => {
    const u = new URL(url)
    if (!['data:', 'blob:'].includes(u.protocol) && u.host !== ours) faults.push(`foreign host: ${u.host}`)
  }
  context.on('request', (r) => visited(r.url()))
  context.on('response', async (r) => {
    if (!r.url().includes('/api/')) return
    try {
      collect(JSON.parse(await r.text()), data)
    } catch {
      // No JSON, or the page has gone on before it was read: then it shows none of it either.
    }
  })
  const sockets = []
  page.on('websocket', (ws) => {
    visited(ws.url())
    sockets.push(new URL(ws.url()).pathname)
    if (ws.url().includes('/api/')) ws.on('framereceived', ({ payload }) => collect(JSON.parse(String(payload)), data))
  })
  return {
    page,
    faults,
    /** Every text that the server sent to this person. */
    data,
    /** Paths of the WebSockets that were opened, in order. */
    sockets,
    at: (id) => page.getByTestId(id),
    async signIn(username) {
      await page.goto(pages)
      await page.getByTestId('login-username').fill(username)
      await page.getByTestId('login-password').fill(password)
      await page.getByTestId('login-submit').click()
      await page.getByTestId('me').waitFor()
    },
    /** Asks the API with this person's session. */
    async get(what) {
      const answer = await context.request.get(`${pages}/api/v1${what}`)
      assert.equal(answer.status(), 200, what)
      return answer.json()
    },
    shot: (name) => page.screenshot({ path: path.join(shots, `${name}.png`), animations: 'disabled' }),
    async close() {
      await context.close()
      assert.deepEqual(faults, [])
    },
  }
}

function collect(value, into) {
  if (typeof value === 'string') into.add(value)
  else if (value && typeof value === 'object') for (const v of Object.values(value)) collect(v, into)
}

/** Signs off from the floor's point of view: chooses the browser's phone and goes ready. */
export async function goReady(person) {
  await person.at('state-button').click()
  await person.at('device-browser').click()
  await person.at('state-ready').click()
  await expectState(person, 'ready')
  await eventually(async () => assert.match(await person.at('phone-state').getAttribute('data-state'), /registered/))
}

export async function expectState(person, state) {
  await person.page.locator(`[data-testid=state-button][data-state=${state}]`).waitFor()
}

/** Retries until check no longer throws. */
export async function eventually(check, limit = 15_000) {
  const until = Date.now() + limit
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

/** Dials in with SIPp; over() resolves when the call has ended. */
export async function dial(from, to, steps) {
  const made = await fetch(`${helper}/calls`, { method: 'POST', body: JSON.stringify({ from, to, steps }) })
  assert.equal(made.status, 200, await made.clone().text())
  const { id } = await made.json()
  return { over: async () => (await fetch(`${helper}/calls/${id}`)).json() }
}

/** Packets that Asterisk has received from and sent to the channels whose name begins so. */
export async function mediaOf(channel) {
  const text = await (await fetch(`${helper}/channels`)).text()
  const line = text.split('\n').find((l) => l.includes(` ${channel}`))
  assert.ok(line, `no channel ${channel} in:\n${text}`)
  const fields = line.trim().split(/\s+/)
  const codec = fields.findIndex((f) => /^(opus|alaw|ulaw)$/.test(f))
  return { codec: fields[codec], received: Number(fields[codec + 1]), sent: Number(fields[codec + 5]) }
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Checks WCAG 2.2 A and AA with axe. */
export async function expectAccessible(person, what) {
  await person.page.evaluate(axe)
  const found = await person.page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
    const { violations } = await window.axe.run(document, { runOnly: { type: 'tag', values: tags } })
    return violations.map((v) => `${v.id}: ${v.help}\n  ${v.nodes.map((n) => `${n.target.join(' ')}: ${n.failureSummary}`).join('\n  ')}`)
  })
  assert.deepEqual(found, [], what)
}

/** Nothing sticks out to the right, neither of the page nor of the frame's own scrolling area. */
export async function expectNoSidewaysScroll(person, what) {
  const wide = await person.page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll('main, header, .panel, .scroll')]
      .filter((e) => e.scrollWidth > e.clientWidth + 1)
      .map((e) => `${e.tagName}.${e.className} ${e.scrollWidth} > ${e.clientWidth}`),
  )
  assert.deepEqual(wide, [], what)
}

/** How many contacts Asterisk knows for a phone. */
export async function registrations(phone) {
  const text = await (await fetch(`${helper}/contacts/${phone}`)).text()
  return text.split('\n').filter((l) => l.includes('Contact:') && l.includes(`${phone}/`)).length
}

// One call from the first ring to the survey, seen from the agent's and the supervisor's pages.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  dial, eventually, expectAccessible, expectNoSidewaysScroll, expectState, goReady, mediaOf, openBrowser, openPerson,
} from './browser.mjs'
import { expectOneLanguage } from './words.mjs'

const customer = '13800138000'
const note = '厨房顶部渗水，已持续两天，客户要求三日内上门。'

let browser, agent, supervisor

before(async () => {
  browser = await openBrowser()
  agent = await openPerson(browser)
  supervisor = await openPerson(browser)
})
after(() => browser?.close())

test('a call is answered in the browser, written down, rated, and seen by the supervisor', { timeout: 110_000 }, async (t) => {
  const now = (text) => t.diagnostic(`${(performance.now() / 1000).toFixed(1)} s  ${text}`)
  try {
    await wholeCall(now)
    await agent.close()
    await supervisor.close()
  } catch (error) {
    await Promise.allSettled([agent.shot('failed-agent'), supervisor.shot('failed-supervisor')])
    throw error
  }
})

async function wholeCall(now) {
  const floorAgent = (state) => supervisor.page.locator(`[data-agent="1001"][data-state=${state}]`).waitFor()

  await agent.signIn('1001')
  await supervisor.signIn('2001')
  await supervisor.page.waitForURL('**/live')
  await supervisor.page.evaluate(() => (window.loadedOnce = true))
  await agent.shot('desk-offline')
  await goReady(agent)
  await floorAgent('ready')
  await agent.shot('desk-ready')
  await watchOffer(agent.page)
  now('王芳 is ready')

  // From the menu on the caller talks and presses 5 in turns: SIP does not tell a caller when the survey begins.
  const talk = Array.from({ length: 25 }, () => ['say 1600ms', 'key 5']).flat()
  const caller = await dial(customer, '4000', ['wait 3s', 'key 3', 'say 4s', ...talk, 'hang-up'])

  // The pop comes before the phone rings, on the page and in the log.
  await agent.at('offer').waitFor()
  const callId = await agent.at('offer').getAttribute('data-call-id')
  assert.equal(await agent.at('offer-name').textContent(), '张伟')
  assert.match(await agent.at('offer-number').textContent(), /^138 \*{4} 8000$/)
  assert.equal(await agent.at('pop-name').textContent(), '张伟')
  await expectState(agent, 'ringing')
  await supervisor.at('floor-waiting').getByText('正在呼叫 王芳').waitFor()
  await floorAgent('ringing')
  await eventually(async () => assert.ok(await agent.at('offer-answer').isEnabled()))
  await agent.shot('desk-offer')
  await supervisor.shot('live-offer')
  const seen = await agent.page.evaluate(() => window.offersSeen)
  assert.deepEqual(seen[0], { phase: 'offered', name: '张伟' }, 'the pop was not on the page before the phone rang')
  assert.equal(seen[1]?.phase, 'ringing')
  now('the pop is shown, the phone rings')

  await agent.page.keyboard.press('Alt+A')
  await expectState(agent, 'talking')
  await floorAgent('talking')
  now('answered')

  // Voice in both directions, by the browser's counters and by Asterisk's.
  const counters = async () => {
    const signal = agent.at('call-signal')
    return { sent: Number(await signal.getAttribute('data-rtp-sent')), received: Number(await signal.getAttribute('data-rtp-received')) }
  }
  const first = await eventually(async () => {
    const c = await counters()
    assert.ok(c.sent > 0 && c.received > 0, `no voice: ${JSON.stringify(c)}`)
    return c
  })
  const web = await mediaOf('1001-web')
  const trunk = await mediaOf('trunk')
  await eventually(async () => {
    const c = await counters()
    assert.ok(c.sent > first.sent + 50 && c.received > first.received + 50, `voice stands still: ${JSON.stringify([first, c])}`)
  })
  const [webLater, trunkLater] = [await mediaOf('1001-web'), await mediaOf('trunk')]
  for (const [name, a, b] of [['browser', web, webLater], ['caller', trunk, trunkLater]]) {
    assert.ok(b.received > a.received + 20 && b.sent > a.sent + 20, `${name}'s leg stands still: ${JSON.stringify([a, b])}`)
  }
  now(`voice flows: browser ${JSON.stringify(await counters())}, Asterisk ${JSON.stringify({ web: webLater, trunk: trunkLater })}`)

  // The file: home, open ticket, promise.
  await agent.at('pop-properties').getByText('云和府 3号楼1单元 1702').first().waitFor()
  await agent.at('pop-open-tickets').locator('[data-ticket-number]').first().waitFor()
  assert.match(await agent.at('pop-promises').textContent(), /“[^”]+”/)

  // A note and a ticket, without the mouse where there are keys.
  await agent.at('note').fill(note)
  await agent.page.keyboard.press('F4')
  await agent.page.keyboard.type('渗漏')
  await agent.page.locator('.el-cascader__suggestion-item').first().waitFor()
  await agent.shot('desk-category-search')
  await agent.page.locator('.el-cascader__suggestion-item').first().click()
  await agent.at('ticket-severity-3').click()
  const due = new Date(Date.now() + 3 * 86_400_000).toLocaleDateString('en-CA', { timeZone: 'Asia/Shanghai' })
  await agent.page.getByRole('combobox', { name: '到期日' }).fill(due)
  await agent.page.keyboard.press('Enter')
  await agent.page.getByRole('textbox', { name: '例如：三日内回复' }).fill('三日内上门')
  await agent.page.locator('[data-testid=note-state][data-saved=true]').waitFor()
  await agent.shot('desk-talking')
  await expectAccessible(agent, 'desk while talking')
  await expectNoSidewaysScroll(agent, 'desk while talking')
  await expectOneLanguage(agent, 'zh-CN', 'desk while talking')
  await agent.page.keyboard.press('Control+Enter')
  await agent.at('ticket-made').waitFor()
  const number = Number(await agent.at('ticket-made').getAttribute('data-number'))
  now(`ticket #${number} made`)
  await agent.shot('desk-ticket-made')
  await agent.page.locator('.notices button').click()

  await expectAccessible(supervisor, 'live')
  await expectNoSidewaysScroll(supervisor, 'live')
  await expectOneLanguage(supervisor, 'zh-CN', 'live')
  await supervisor.shot('live-talking')
  for (const [who, name] of [[agent, 'desk-talking-en'], [supervisor, 'live-en']]) {
    await who.at('locale').click()
    await who.page.locator('html[lang=en]').waitFor()
    await expectOneLanguage(who, 'en', name)
    await expectNoSidewaysScroll(who, name)
    await who.shot(name)
    await who.at('locale').click()
    await who.page.locator('html[lang=zh-CN]').waitFor()
  }
  now('both languages looked at')

  // The agent hangs up; the caller is asked and rates.
  await agent.page.keyboard.press('Alt+E')
  await agent.shot('desk-hang-up-armed')
  await agent.page.keyboard.press('Alt+E')
  await expectState(agent, 'wrap_up')
  await floorAgent('wrap_up')
  await agent.shot('desk-wrap-up')
  assert.equal(await agent.at('note').inputValue(), note)
  const result = await caller.over()
  assert.deepEqual(result, { answered: true, ended_by: 'hotline', error: '' })
  now('rated, the call is over')

  const row = supervisor.page.locator(`[data-call-id="${callId}"]`)
  await row.locator('[data-testid=call-score][data-score="5"]').waitFor()
  assert.match(await row.textContent(), new RegExp(`#${number}\\b`))
  assert.match(await row.textContent(), /张伟.*报修.*已接听.*王芳/)
  await supervisor.page.getByText('评价 1/1，均分 5.00').waitFor()
  assert.equal(await supervisor.page.evaluate(() => window.loadedOnce), true, 'the supervisor page was reloaded')
  await supervisor.shot('live-rated')

  await agent.page.keyboard.press('F9')
  await expectState(agent, 'ready')
  await floorAgent('ready')
  await agent.shot('desk-after')

  const call = await agent.get(`/calls/${callId}`)
  assert.equal(call.outcome, 'answered')
  assert.equal(call.score, 5)
  assert.equal(call.note.text, note)
  assert.deepEqual(call.ticket_numbers, [number])
  const types = call.events.map((e) => e.type)
  const at = (type) => types.indexOf(type)
  assert.ok(at('PopShown') >= 0 && at('PopShown') < at('AgentRinging'), `the log says ${types.join(' ')}`)
  const [ticket] = call.tickets
  assert.equal(ticket.severity, 3)
  const whole = await agent.get(`/tickets/${ticket.id}`)
  assert.equal(whole.description, note)
  assert.deepEqual(whole.promise, { due_on: due, text: '三日内上门' })

  await supervisor.page.goto(`${new URL(supervisor.page.url()).origin}/calls/${callId}`)
  await supervisor.at('call-events').waitFor()
  await supervisor.shot('call-page')
  await expectOneLanguage(supervisor, 'zh-CN', 'call page')
}

/** Notes each phase of an offer and the name beside it, in the order in which they come into the page. */
function watchOffer(page) {
  return page.evaluate(() => {
    window.offersSeen = []
    new MutationObserver(() => {
      const phase = document.querySelector('[data-testid=offer]')?.dataset.phase
      const name = document.querySelector('[data-testid=offer-name]')?.textContent
      if (phase && window.offersSeen.at(-1)?.phase !== phase) window.offersSeen.push({ phase, name })
    }).observe(document.body, { subtree: true, childList: true, attributes: true })
  })
}

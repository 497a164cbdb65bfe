// A conversation that is put on hold, and whose page is loaded anew in the middle of it: the customer stays in the call.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  dial, eventually, expectAccessible, expectNoSidewaysScroll, expectState, goReady, mediaOf, openBrowser, openPerson,
} from './browser.mjs'
import { expectOneLanguage } from './words.mjs'

/** What an agent and a customer will bear between the reload and the first word. */
const voiceBackWithin = 5_000
const note = '客户反映地下车库照明不亮，已核对位置。'

let browser, agent
let asked = 0

before(async () => {
  // Here sound needs a gesture or an open microphone, as it does in the agent's own browser.
  browser = await openBrowser({ soundNeedsGesture: true })
  agent = await openPerson(browser)
  agent.page.on('dialog', (d) => {
    if (d.type() === 'beforeunload') asked++ // the browser's own question whether to leave the page
    return d.accept()
  })
})
after(() => browser?.close())

test('a call is held and retrieved, and survives two reloads of the page', { timeout: 110_000 }, async (t) => {
  try {
    await wholeCall((text) => t.diagnostic(`${(performance.now() / 1000).toFixed(1)} s  ${text}`))
    await agent.close()
  } catch (error) {
    await agent.shot('failed-recall').catch(() => {})
    throw error
  }
})

async function wholeCall(now) {
  await agent.signIn('1001')
  await goReady(agent)
  const talk = Array.from({ length: 30 }, () => ['say 1600ms', 'key 5']).flat()
  const caller = await dial('13800138000', '4000', ['wait 3s', 'key 3', 'say 4s', ...talk, 'hang-up'])
  await agent.at('offer').waitFor()
  const callId = await agent.at('offer').getAttribute('data-call-id')
  await eventually(async () => assert.ok(await agent.at('offer-answer').isEnabled()))
  await agent.page.keyboard.press('Alt+A')
  await expectState(agent, 'talking')
  await eventually(async () => assert.ok((await loudness()) > 0.01, 'the customer is not heard'))
  now(`answered, the customer is heard (${(await loudness()).toFixed(3)})`)

  // Hold: music for the customer, silence for the agent.
  await agent.page.keyboard.press('Alt+H')
  await agent.page.locator('[data-testid=call-bar][data-held=true]').waitFor()
  assert.match(await agent.at('call-bar').textContent(), /保持中/)
  await eventually(async () => assert.ok((await loudness()) < 0.001, 'the customer is heard while on hold'))
  const before = (await mediaOf('trunk')).sent
  await agent.page.waitForTimeout(1_500)
  const music = (await mediaOf('trunk')).sent - before
  assert.ok(music > 50, `the customer on hold gets ${music} packets in 1.5 s`)
  assert.match(await agent.at('call-timer').textContent(), /^00:0[1-9]$/, 'the hold has no timer of its own')
  await agent.shot('desk-held')
  await expectAccessible(agent, 'desk on hold')
  await expectNoSidewaysScroll(agent, 'desk on hold')
  await expectOneLanguage(agent, 'zh-CN', 'desk on hold')
  await agent.at('hold').click()
  await agent.page.locator('[data-testid=call-bar][data-held=false]').waitFor()
  await eventually(async () => assert.ok((await loudness()) > 0.01, 'the customer is not heard after the hold'))
  now(`held and retrieved, ${music} packets of music in 1.5 s`)

  // Reload: the voice comes back by itself.
  await agent.at('note').fill(note)
  await agent.page.locator('[data-testid=note-state][data-saved=true]').waitFor()
  const took = await reload()
  now(`voice is back ${took} ms after the reload`)
  assert.ok(took <= voiceBackWithin, `voice took ${took} ms to come back`)
  await voiceMoves()
  await eventually(async () => assert.ok((await loudness()) > 0.01, 'the customer is not heard after the reload'))
  assert.equal(await agent.page.locator('audio').evaluate((a) => a.paused), false, 'the browser plays no sound')
  await sameCall(callId)
  assert.equal(await agent.at('note').inputValue(), note)
  assert.equal(await agent.at('pop-name').textContent(), '张伟')
  await agent.page.locator('[data-testid=call-bar][data-phase=talking]').waitFor()
  await agent.shot('desk-restored')

  // Once more, muted, with a microphone that is slow to open: what the agent sees meanwhile.
  await agent.page.keyboard.press('Alt+M')
  assert.equal(await agent.at('mute').getAttribute('aria-pressed'), 'true')
  await agent.page.addInitScript(() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      const stream = await open(constraints)
      window.microphone = stream.getAudioTracks()[0]
      return stream
    }
  })
  const back = reload()
  await agent.page.locator('[data-testid=call-bar][data-phase=recalling]').waitFor()
  await agent.at('pop-name').waitFor()
  await agent.shot('desk-recalling')
  assert.match(await agent.at('call-bar').textContent(), /正在恢复通话…/)
  assert.equal(await agent.at('offer').count(), 0, 'a call that comes back is no offer')
  await expectOneLanguage(agent, 'zh-CN', 'desk while recalling')
  now(`voice is back ${await back} ms after the second reload, with 2 s for the microphone`)
  await sameCall(callId)
  assert.equal(await agent.at('mute').getAttribute('aria-pressed'), 'true')
  assert.equal(await agent.page.evaluate(() => window.microphone.enabled), false, 'a muted agent was made audible by the reload')
  await agent.page.keyboard.press('Alt+M')
  assert.equal(await agent.page.evaluate(() => window.microphone.enabled), true)
  assert.equal(asked, 2, 'the browser asks before a talking page is left')

  // The end is that of any call.
  await agent.page.keyboard.press('Alt+E')
  await agent.page.keyboard.press('Alt+E')
  await expectState(agent, 'wrap_up')
  assert.deepEqual(await caller.over(), { answered: true, ended_by: 'hotline', error: '' })
  await agent.page.keyboard.press('F9')
  await expectState(agent, 'ready')

  const call = await eventually(async () => {
    const c = await agent.get(`/calls/${callId}`)
    assert.notEqual(c.ended_at, null)
    return c
  })
  const types = call.events.map((e) => e.type)
  const count = (type) => types.filter((x) => x === type).length
  const log = `the log says ${types.join(' ')}`
  assert.equal(count('HoldAsked'), 1, log)
  assert.equal(count('RetrieveAsked'), 1, log)
  assert.equal(count('RecallAsked'), 2, log)
  assert.equal(count('AgentReserved'), 1, log)
  assert.equal(count('AgentAnswered'), 3, log)
  assert.equal(count('CallerGone'), 1, log)
  assert.equal(call.outcome, 'answered')
  assert.equal(call.score, 5)
  // Talking is the time in the bridge together: neither the hold nor the way back from a reload.
  const times = (type) => call.events.filter((e) => e.type === type).map((e) => Date.parse(e.at))
  const starts = [times('AgentAnswered')[0], times('RetrieveAsked')[0], ...times('AgentAnswered').slice(1)]
  const ends = [times('HoldAsked')[0], ...times('RecallAsked'), times('HangUpAsked')[0]]
  const together = starts.reduce((sum, start, i) => sum + ends[i] - start, 0) / 1000
  assert.ok(Math.abs(call.talk_seconds - together) < 0.02, `${call.talk_seconds} s of talking, by the log ${together} s`)
}

/** Loads the page anew and returns the milliseconds until the customer's packets arrive again, without a click. */
async function reload() {
  const from = performance.now()
  await agent.page.reload({ waitUntil: 'commit' })
  await agent.page.locator('[data-testid=call-signal]:not([data-rtp-received="0"])').waitFor()
  return Math.round(performance.now() - from)
}

async function voiceMoves() {
  const read = async () => Number(await agent.at('call-signal').getAttribute('data-rtp-received'))
  const first = await read()
  await eventually(async () => assert.ok((await read()) > first + 50, 'voice stands still'))
}

async function sameCall(id) {
  const { call } = await agent.get('/me/desk')
  assert.deepEqual([call?.id, call?.phase, call?.held], [id, 'talking', false])
}

/** How loud the agent's headset was in the last moment: the greatest deviation from silence, of 1. */
function loudness() {
  return agent.page.evaluate(async () => {
    const stream = document.querySelector('audio').srcObject
    if (!stream) return 0
    const context = new AudioContext()
    try {
      await context.resume()
      const analyser = context.createAnalyser()
      context.createMediaStreamSource(stream).connect(analyser)
      const samples = new Float32Array(analyser.fftSize)
      let loudest = 0
      for (const until = performance.now() + 400; performance.now() < until; ) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        analyser.getFloatTimeDomainData(samples)
        for (const s of samples) loudest = Math.max(loudest, Math.abs(s))
      }
      return loudest
    } finally {
      await context.close()
    }
  })
}

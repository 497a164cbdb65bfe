// What is left of an agent's desk when its page is loaded again.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually, expectState, goReady, openBrowser, openPerson, registrations } from './browser.mjs'

let browser, agent

before(async () => {
  browser = await openBrowser()
  agent = await openPerson(browser)
})
after(() => browser?.close())

test('a reloaded desk stays ready and registers its phone anew, once', { timeout: 60_000 }, async () => {
  await agent.signIn('1002')
  await goReady(agent)
  const before = (await agent.get('/me/desk')).agent
  const phones = () => agent.sockets.filter((p) => p === '/phone').length
  const opened = phones()
  assert.ok((await registrations('1002-web')) === 1)

  await agent.page.reload()
  await expectState(agent, 'ready')
  await eventually(async () => assert.equal(await agent.at('phone-state').getAttribute('data-state'), 'registered'))
  // The server forgives an absence of three seconds; after them the desk must still be the same.
  await agent.page.waitForTimeout(5_000)
  await expectState(agent, 'ready')
  const now = (await agent.get('/me/desk')).agent
  assert.deepEqual([now.state, now.since, now.version], [before.state, before.since, before.version])
  assert.equal(phones(), opened + 1, 'the phone connected more than once')
  await eventually(async () => assert.equal(await registrations('1002-web'), 1))
  await agent.close()
})

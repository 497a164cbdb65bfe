// Every word of a page is in the language that was chosen.
import { after, before, test } from 'node:test'
import { expectAccessible, expectNoSidewaysScroll, openBrowser, openPerson, pages } from './browser.mjs'
import { expectOneLanguage } from './words.mjs'

let browser
before(async () => (browser = await openBrowser()))
after(() => browser?.close())

for (const [language, button] of [['zh-CN', '简体中文'], ['en', 'English']]) {
  test(`login, desk and live speak ${language}`, { timeout: 60_000 }, async () => {
    const agent = await openPerson(browser)
    await agent.page.goto(pages)
    await agent.page.getByRole('button', { name: button }).click()
    await agent.page.locator(`html[lang=${language}]`).waitFor()
    await agent.at('login-username').fill('1001')
    await agent.at('login-password').fill('wrong')
    await agent.at('login-submit').click()
    await agent.page.getByTestId('login-error').filter({ hasText: /./ }).waitFor()
    await expectOneLanguage(agent, language, 'login')
    await expectAccessible(agent, 'login')
    await agent.shot(`login-${language}`)

    await agent.signIn('1001')
    await agent.at('recent-calls').waitFor()
    await agent.page.keyboard.press('F2')
    await expectOneLanguage(agent, language, 'desk')
    await expectAccessible(agent, 'desk')
    await expectNoSidewaysScroll(agent, 'desk')
    await agent.shot(`desk-menu-${language}`)
    await agent.page.keyboard.press('Escape')
    await agent.page.keyboard.press('F1')
    await agent.page.getByRole('dialog').waitFor()
    await expectOneLanguage(agent, language, 'keys')
    await agent.shot(`keys-${language}`)
    await agent.close()
  })
}

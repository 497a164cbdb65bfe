// Whether a page speaks one language: what is left of its text when everything that the server sent is taken out.
import assert from 'node:assert/strict'

const han = /\p{Script=Han}[\p{Script=Han}，。：；“”（）]*/gu
const latin = /[A-Za-z][A-Za-z'-]+/g

/** Latin letters that a Chinese page may show: names of measures, and the switch to English. */
const borrowed = new Set(['CSAT', 'SL-all', 'EN', 'English', 'Alt', 'Ctrl', 'Enter', 'HTTPS'])

/** Fails when a page in `language` shows words of the other one that are not data. */
export async function expectOneLanguage(person, language, what) {
  const texts = await person.page.evaluate(() => {
    const out = []
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (node instanceof Element) {
        if (!node.checkVisibility() || node.closest('kbd, code, [lang]:not(html)')) continue
        for (const name of ['aria-label', 'placeholder', 'title', 'alt']) {
          if (node.hasAttribute(name)) out.push(node.getAttribute(name))
        }
      } else if (node.parentElement.checkVisibility() && !node.parentElement.closest('kbd, code, script, style, [lang]:not(html)')) {
        out.push(node.data)
      }
    }
    return out.map((s) => s.trim()).filter((s) => s !== '')
  })
  assert.ok(texts.length > 5, `${what}: the page shows nothing`)
  // Longest first: a short text may be part of a long one. A word in small letters is an enum's value, which a page must
  // translate, and no excuse.
  const data = [...person.data].filter((s) => s.length > 1 && !/^[a-z_]+$/.test(s)).sort((a, b) => b.length - a.length)
  const strange = new Set()
  for (const text of texts) {
    const rest = data.reduce((s, d) => s.replaceAll(d, ' '), text)
    const words = language === 'en' ? rest.match(han) : rest.match(latin)
    for (const w of words ?? []) if (language === 'en' || !borrowed.has(w)) strange.add(`${w} (in “${text}”)`)
  }
  assert.deepEqual([...strange], [], `${what}: words of another language`)
}

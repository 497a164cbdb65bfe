import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bindings } from '../keys/keys'
import en from './en.json'
import zh from './zh-CN.json'

function flat(tree: object, prefix = ''): Map<string, string> {
  const out = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') out.set(prefix + key, value)
    else for (const [k, v] of flat(value as object, `${prefix}${key}.`)) out.set(k, v)
  }
  return out
}
const zhFlat = flat(zh)
const enFlat = flat(en)
const holes = (s: string) => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((f) => /\.(vue|ts)$/.test(f) && !f.endsWith('.test.ts'))
  .map((f) => readFileSync(root + f, 'utf8'))

describe('messages', () => {
  it('have the same keys in both languages', () => expect([...enFlat.keys()].sort()).toEqual([...zhFlat.keys()].sort()))
  it('have the same placeholders in both languages', () => {
    for (const [key, text] of zhFlat) expect([key, holes(enFlat.get(key) ?? '')]).toEqual([key, holes(text)])
  })
  it('exist for every key that the source names', () => {
    const used = sources.flatMap((s) => [...s.matchAll(/\b\$?t\('([\w.]+)'/g)].map((m) => m[1] ?? ''))
    expect(used.length).toBeGreaterThan(100)
    expect(used.filter((key) => !zhFlat.has(key))).toEqual([])
  })
  it('are all used, by name or by a group that is put together', () => {
    const text = sources.join('\n')
    const groups = [...text.matchAll(/\bt[e]?\(`([\w.]+)\.\$\{/g), ...text.matchAll(/key = `([\w.]+)\.\$\{/g)].map((m) => m[1])
    const words = [...text.matchAll(/word\(t, '(\w+)'/g)].map((m) => m[1])
    const unused = [...zhFlat.keys()].filter(
      (key) => !text.includes(`'${key}'`) && ![...groups, ...words].some((g) => key.startsWith(`${g}.`)),
    )
    expect(unused).toEqual([])
  })
  it('name every command of the keyboard', () => {
    for (const b of bindings) expect(zhFlat.has(`keys.${b.command}`)).toBe(true)
  })
  it('use full-width punctuation between Chinese characters', () => {
    for (const [key, text] of zhFlat) expect([key, /[\u4e00-\u9fff][,;:!?]/.test(text)]).toEqual([key, false])
  })
})

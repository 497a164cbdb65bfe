import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const tokens = new Map([...css.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6});/g)].map((m) => [m[1], m[2]]))

function colour(name: string): string {
  const value = tokens.get(name)
  if (!value) throw new Error(`no token ${name}`)
  return value
}

// Relative luminance and contrast ratio as WCAG 2.2 defines them.
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(a: string, b: string): number {
  const [hi, lo] = [luminance(colour(a)), luminance(colour(b))].sort((x, y) => y - x) as [number, number]
  return (hi + 0.05) / (lo + 0.05)
}

const kinds = ['primary', 'success', 'warning', 'danger', 'error', 'info']
const states = ['ready', 'ringing', 'talking', 'held', 'wrap-up', 'away', 'lost'].map((s) => `--state-${s}`)

describe('text has at least 4.5:1', () => {
  const onLight = [
    ...kinds.map((k) => `--el-color-${k}`),
    ...states,
    '--ink', '--ink-soft', '--ink-muted',
    '--el-text-color-primary', '--el-text-color-regular', '--el-text-color-secondary', '--el-text-color-placeholder',
  ]
  for (const text of onLight) {
    for (const ground of ['--surface', '--ground']) {
      it(`${text} on ${ground}`, () => expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5))
    }
  }
  for (const kind of kinds) {
    it(`white on a ${kind} button, also when pressed`, () => {
      expect(contrast('--surface', `--el-color-${kind}`)).toBeGreaterThanOrEqual(4.5)
      expect(contrast('--surface', `--el-color-${kind}-dark-2`)).toBeGreaterThanOrEqual(4.5)
    })
    it(`${kind} on its own lightest shade (plain buttons, tags)`, () =>
      expect(contrast(`--el-color-${kind}`, `--el-color-${kind}-light-9`)).toBeGreaterThanOrEqual(4.5))
  }
  for (const text of ['--header-ink', '--header-muted', '--header-good', '--header-warn', '--header-bad']) {
    it(`${text} on the header`, () => expect(contrast(text, '--header')).toBeGreaterThanOrEqual(4.5))
  }
  it('alarm and note grounds', () => {
    expect(contrast('--el-color-danger', '--alarm-ground')).toBeGreaterThanOrEqual(4.5)
    expect(contrast('--ink', '--alarm-ground')).toBeGreaterThanOrEqual(4.5)
    expect(contrast('--ink-muted', '--note-ground')).toBeGreaterThanOrEqual(4.5)
    expect(contrast('--el-color-warning', '--note-ground')).toBeGreaterThanOrEqual(4.5)
  })
})

describe('controls have at least 3:1', () => {
  for (const control of ['--control-line', '--el-border-color', '--el-border-color-hover']) {
    for (const ground of ['--surface', '--ground']) {
      it(`${control} on ${ground}`, () => expect(contrast(control, ground)).toBeGreaterThanOrEqual(3 - 0.005))
    }
  }
})

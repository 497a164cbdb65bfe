import { describe, expect, it } from 'vitest'
import { bindings, commandOf, isComposing, type KeyPress, Twice } from './keys'

const press = (code: string, more: Partial<KeyPress> = {}): KeyPress => ({
  code, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, isComposing: false, keyCode: 65, repeat: false, ...more,
})

describe('commandOf', () => {
  it('goes by the place of the key with exactly its modifiers', () => {
    expect(commandOf(press('KeyA', { altKey: true }), true)).toBe('answer')
    expect(commandOf(press('KeyA'), true)).toBeNull()
    expect(commandOf(press('KeyA', { altKey: true, ctrlKey: true }), true)).toBeNull()
    expect(commandOf(press('Enter', { ctrlKey: true }), true)).toBe('submit')
    expect(commandOf(press('Enter'), true)).toBeNull()
  })
  it('leaves the question mark to fields', () => {
    expect(commandOf(press('Slash', { shiftKey: true }), true)).toBeNull()
    expect(commandOf(press('Slash', { shiftKey: true }), false)).toBe('help')
  })
  it('does nothing while a key is held down', () =>
    expect(commandOf(press('KeyA', { altKey: true, repeat: true }), false)).toBeNull())
  it('has no two commands on one key', () => {
    const keys = bindings.map((b) => `${b.code}/${b.alt ?? false}/${b.ctrl ?? false}/${b.shift ?? false}`)
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('isComposing', () => {
  it.each([
    ['the flag', press('Enter', { isComposing: true }), false, -Infinity],
    ['key code 229', press('Enter', { keyCode: 229 }), false, -Infinity],
    ['an open composition', press('Enter'), true, -Infinity],
    ['the tick after its end', press('Enter'), false, 990],
  ])('by %s', (_, p, composing, endedAt) => expect(isComposing(p, composing, endedAt, 1000)).toBe(true))
  it('not later', () => expect(isComposing(press('Enter'), false, 900, 1000)).toBe(false))
})

it('hangs up only on the second press within a second', () => {
  const twice = new Twice()
  expect(twice.press(0)).toBe(false)
  expect(twice.press(900)).toBe(true)
  expect(twice.press(1000)).toBe(false) // a third press arms anew
  expect(twice.press(2500)).toBe(false)
  expect(twice.press(3500)).toBe(true)
})

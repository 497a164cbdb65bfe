import { describe, expect, it } from 'vitest'
import { emptyNote, isDirty, type NoteEvent, type NoteState, stepNote } from './note'

const at = '2026-11-24T04:04:33Z'
const run = (...events: NoteEvent[]): NoteState => events.reduce(stepNote, emptyNote)

describe('note', () => {
  it('is saved under the revision that the server gives', () => {
    const s = run({ type: 'typed', text: '漏水' }, { type: 'sent' }, { type: 'saved', revision: 1, savedAt: at })
    expect(s).toMatchObject({ revision: 1, savedText: '漏水', savedAt: at, failed: false })
    expect(isDirty(s)).toBe(false)
  })
  it('stays dirty when typing went on while a save was on its way', () => {
    const s = run(
      { type: 'typed', text: '漏' }, { type: 'sent' }, { type: 'typed', text: '漏水' },
      { type: 'saved', revision: 1, savedAt: at },
    )
    expect(s.text).toBe('漏水')
    expect(s.savedText).toBe('漏')
    expect(isDirty(s)).toBe(true)
  })
  it('keeps the text after a failure', () => {
    const s = run({ type: 'typed', text: '漏水' }, { type: 'sent' }, { type: 'failed' })
    expect(s).toMatchObject({ text: '漏水', failed: true, sending: null })
    expect(isDirty(s)).toBe(true)
  })
  it('does not take the echo of its own save for a stranger', () => {
    const s = run(
      { type: 'typed', text: 'a' }, { type: 'sent' }, { type: 'server', note: { text: 'a', revision: 1, saved_at: at } },
      { type: 'saved', revision: 1, savedAt: at },
    )
    expect(s.conflict).toBeNull()
    expect(s.revision).toBe(1)
  })
  it('recognises its own text when only the answer was lost', () => {
    const s = run(
      { type: 'typed', text: 'a' }, { type: 'sent' }, { type: 'failed' }, { type: 'sent' },
      { type: 'stale', server: { text: 'a', revision: 1, saved_at: at } },
    )
    expect(s).toMatchObject({ conflict: null, revision: 1 })
    expect(isDirty(s)).toBe(false)
  })
  it('takes over a note from another computer when nothing is typed here', () => {
    expect(run({ type: 'server', note: { text: 'x', revision: 3, saved_at: at } })).toMatchObject({ text: 'x', revision: 3 })
  })
  it('asks when both changed, and either choice can then be saved', () => {
    const both = run({ type: 'typed', text: 'mine' }, { type: 'server', note: { text: 'theirs', revision: 2, saved_at: at } })
    expect(both.text).toBe('mine')
    expect(both.conflict).toEqual({ text: 'theirs', revision: 2 })
    const mine = stepNote(both, { type: 'keep-mine' })
    expect(mine).toMatchObject({ text: 'mine', revision: 2, conflict: null })
    expect(isDirty(mine)).toBe(true)
    const theirs = stepNote(both, { type: 'take-theirs' })
    expect(theirs).toMatchObject({ text: 'theirs', revision: 2 })
    expect(isDirty(theirs)).toBe(false)
  })
  it('ignores an older server copy', () => {
    const s = run(
      { type: 'typed', text: 'b' }, { type: 'sent' }, { type: 'saved', revision: 5, savedAt: at },
      { type: 'server', note: { text: 'old', revision: 4, saved_at: at } },
    )
    expect(s.text).toBe('b')
  })
  it('never loses typed text to any order of server events', () => {
    // Every sequence of three events after typing, without the agent's own choice: the text stays.
    const menu: NoteEvent[] = [
      { type: 'sent' }, { type: 'saved', revision: 7, savedAt: at }, { type: 'failed' },
      { type: 'stale', server: { text: 'theirs', revision: 6, saved_at: at } },
      { type: 'server', note: { text: 'theirs', revision: 8, saved_at: at } },
    ]
    for (const a of menu) for (const b of menu) for (const c of menu) {
      const s = [a, b, c].reduce(stepNote, stepNote(emptyNote, { type: 'typed', text: 'mine' }))
      if (s.text !== 'mine') {
        // Allowed only once "mine" had been saved, and someone wrote after that.
        const order = [a, b, c].map((e) => e.type)
        expect(order.indexOf('saved')).toBeGreaterThan(order.indexOf('sent'))
        expect(order.indexOf('server')).toBeGreaterThan(order.indexOf('saved'))
      }
    }
  })
})

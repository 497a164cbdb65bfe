import { describe, expect, it } from 'vitest'
import { addSample, backoff, clockOffset, freshness, isDead, isFinal, isNews, silenceLimit } from './reduce'

describe('isNews', () => {
  it('takes the first message, then only greater offsets of the same epoch', () => {
    expect(isNews(undefined, { epoch: 'a', offset: 1 })).toBe(true)
    expect(isNews({ epoch: 'a', offset: 4 }, { epoch: 'a', offset: 5 })).toBe(true)
    expect(isNews({ epoch: 'a', offset: 4 }, { epoch: 'a', offset: 4 })).toBe(false)
    expect(isNews({ epoch: 'a', offset: 4 }, { epoch: 'a', offset: 3 })).toBe(false)
  })
  it('takes whatever a new server process says', () => {
    expect(isNews({ epoch: 'a', offset: 400 }, { epoch: 'b', offset: 1 })).toBe(true)
  })
})

describe('backoff', () => {
  it('stays between 0.1 s and a ceiling that grows to 10 s', () => {
    for (let attempt = 0; attempt < 40; attempt++) {
      const ceiling = Math.min(10_000, 500 * 2 ** attempt)
      expect(backoff(attempt, 0)).toBe(100)
      expect(backoff(attempt, 0.999999)).toBeLessThanOrEqual(ceiling)
      expect(backoff(attempt, 0.5)).toBeGreaterThan(100)
    }
  })
  it('spreads the crowd that a server stop throws out', () => {
    expect(new Set([0.1, 0.3, 0.5, 0.7, 0.9].map((r) => backoff(3, r))).size).toBe(5)
  })
})

it('only 45xx codes end the reconnecting', () => {
  expect([4500, 4503, 4599].every(isFinal)).toBe(true)
  expect([1000, 1001, 1006, 1011, 4000, 4001, 4002, 4600].some(isFinal)).toBe(false)
})

describe('isDead', () => {
  it('never decides while hidden', () => expect(isDead(1e9, 0, null)).toBe(false))
  it('gives the server time after the page came back', () => {
    expect(isDead(100_000, 0, 99_000)).toBe(false)
    expect(isDead(99_000 + silenceLimit + 1, 0, 99_000)).toBe(true)
  })
  it('is satisfied by any message', () => expect(isDead(100_000, 99_500, 0)).toBe(false))
})

it('numbers grey after 3 s and go after 15 s', () => {
  expect(freshness(0)).toBe('live')
  expect(freshness(3_000)).toBe('live')
  expect(freshness(3_001)).toBe('stale')
  expect(freshness(15_000)).toBe('stale')
  expect(freshness(15_001)).toBe('gone')
  expect(freshness(null)).toBe('gone')
})

describe('clock', () => {
  it('believes the fastest message', () => expect(clockOffset([-80, -20, -300])).toBe(-20))
  it('is zero before the first', () => expect(clockOffset([])).toBe(0))
  it('keeps a window and starts anew when our clock jumps', () => {
    let s: number[] = []
    for (let i = 0; i < 50; i++) s = addSample(s, i)
    expect(s).toHaveLength(20)
    expect(addSample(s, 60_000)).toEqual([60_000])
  })
})

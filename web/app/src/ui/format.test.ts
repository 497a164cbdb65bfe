import { describe, expect, it } from 'vitest'
import { clockTime, day, duration, moment, percent, phone, since } from './format'

describe('durations', () => {
  it.each([
    [0, '00:00'],
    [59.9, '00:59'],
    [61, '01:01'],
    [3599, '59:59'],
    [3600, '1:00:00'],
    [-3, '00:00'],
    [null, '—'],
  ])('%s s is %s', (s, text) => expect(duration(s)).toBe(text))
  it('counts from the server clock', () =>
    expect(since('2026-11-24T04:00:00Z', Date.parse('2026-11-24T04:02:41.7Z'))).toBe('02:41'))
})

describe('times are those of Shanghai', () => {
  it('crosses midnight with the zone', () => {
    expect(day('2026-11-23T16:30:00Z')).toBe('2026-11-24')
    expect(moment('2026-11-23T16:30:00Z')).toBe('2026-11-24 00:30')
    expect(clockTime('2026-11-23T16:30:05Z')).toBe('00:30:05')
  })
  it('leaves the date out on the same day only', () => {
    const now = Date.parse('2026-11-24T04:00:00Z')
    expect(moment('2026-11-24T01:05:00Z', now)).toBe('09:05')
    expect(moment('2026-11-23T01:05:00Z', now)).toBe('2026-11-23 09:05')
  })
  it('shows a dash for what is no time', () => expect(moment('soon')).toBe('—'))
})

it('groups mobile numbers 3-4-4 and leaves others', () => {
  expect(phone('138****5678')).toBe('138 **** 5678')
  expect(phone('0871****12')).toBe('0871****12')
})

it('writes ratios with one digit', () => {
  expect(percent(0.8244)).toBe('82.4%')
  expect(percent(null)).toBe('—')
})

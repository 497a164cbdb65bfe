import { describe, expect, it } from 'vitest'
import type { Desk } from '../api/schema'
import { isMissing, pickMicrophone } from './devices'
import { accountsFor, countRecall, isGhost, nextRecall, quality, readStats, type Recalls, voiceOf } from './rules'

const desk = (phase: string | null, device = 'browser') =>
  ({ agent: { device }, call: phase ? { id: 'a', phase } : null }) as unknown as Desk

describe('ghost calls', () => {
  it('only a call before its end accounts for a session', () => {
    expect(['offered', 'ringing', 'talking', 'recalling'].every((p) => accountsFor(desk(p)))).toBe(true)
    expect(accountsFor(desk('ended'))).toBe(false)
    expect(accountsFor(desk(null))).toBe(false)
    expect(accountsFor(null)).toBe(false)
  })
  it('are hung up after 3 s, and never while the server cannot be heard', () => {
    expect(isGhost(1_000, true, 3_999)).toBe(false)
    expect(isGhost(1_000, true, 4_000)).toBe(true)
    expect(isGhost(1_000, false, 60_000)).toBe(false)
    expect(isGhost(null, true, 60_000)).toBe(false)
  })
})

describe('a lost voice', () => {
  it('is missed only where the server says that the browser talks', () => {
    expect(voiceOf(desk('talking'))).toBe('a')
    expect(voiceOf(desk('recalling'))).toBe('a')
    for (const phase of ['offered', 'ringing', 'ended', null]) expect(voiceOf(desk(phase))).toBeNull()
    expect(voiceOf(desk('talking', 'desk_phone'))).toBeNull()
    expect(voiceOf(null)).toBeNull()
  })
  it('is asked for three times with growing pauses, for each call anew', () => {
    let recalls: Recalls | null = null
    const pauses: (number | null)[] = []
    for (let i = 0; i < 4; i++) {
      pauses.push(nextRecall(recalls, 'a'))
      recalls = countRecall(recalls, 'a')
    }
    expect(pauses).toEqual([1_000, 4_000, 10_000, null])
    expect(nextRecall(recalls, 'b')).toBe(1_000)
    expect(countRecall(recalls, 'b')).toEqual({ call: 'b', made: 1 })
  })
})

describe('counters', () => {
  it('adds up audio only', () => {
    const c = readStats([
      { type: 'outbound-rtp', kind: 'audio', packetsSent: 50 },
      { type: 'inbound-rtp', kind: 'audio', packetsReceived: 48, packetsLost: 2, jitter: 0.004 },
      { type: 'inbound-rtp', kind: 'video', packetsReceived: 999 },
      { type: 'remote-inbound-rtp', kind: 'audio', roundTripTime: 0.031 },
      { type: 'candidate-pair' },
    ])
    expect(c).toEqual({ sent: 50, received: 48, lost: 2, jitter: 0.004, roundTrip: 0.031 })
  })
  it('judges one second, not the whole call', () => {
    const at = (received: number, lost: number, jitter = 0.002) => ({ sent: 0, received, lost, jitter, roundTrip: null })
    expect(quality(null, at(50, 0))).toBe('good')
    expect(quality(at(50, 0), at(50, 0))).toBe('silent')
    expect(quality(at(500, 100), at(550, 100))).toBe('good')
    expect(quality(at(50, 0), at(99, 1))).toBe('fair')
    expect(quality(at(50, 0), at(90, 10))).toBe('poor')
    expect(quality(at(50, 0), at(100, 0, 0.08))).toBe('poor')
  })
})

describe('microphone', () => {
  const devices = [
    { deviceId: 'a', label: 'Headset', kind: 'audioinput' },
    { deviceId: 'b', label: 'Headset', kind: 'audiooutput' },
    { deviceId: 'c', label: 'Webcam', kind: 'audioinput' },
  ]
  it('is found by its label among the inputs', () => {
    expect(pickMicrophone(devices, 'Headset')).toBe('a')
    expect(pickMicrophone(devices, 'Gone')).toBeNull()
    expect(pickMicrophone(devices, null)).toBeNull()
  })
  it('is missing only when labels are known', () => {
    expect(isMissing(devices, 'Gone')).toBe(true)
    expect(isMissing([{ deviceId: '', label: '', kind: 'audioinput' }], 'Gone')).toBe(false)
    expect(isMissing(devices, null)).toBe(false)
  })
})

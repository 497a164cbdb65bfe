import { describe, expect, it } from 'vitest'
import type { Pop } from '../api/schema'
import { check, chosenCandidate, emptyForm, isStarted, nextAttempt, presetProperty, toRequest, uuid } from './ticket'

const filled = { ...emptyForm, category: 'BX.WSJ.FS.03', description: ' 厨房顶部渗水 ' }

describe('form', () => {
  it('needs a category and a description', () => {
    expect(check(emptyForm)).toEqual(['category', 'description'])
    expect(check(filled)).toEqual([])
    expect(check({ ...filled, description: '字'.repeat(4001) })).toEqual(['description'])
  })
  it('needs both halves of a promise', () => {
    expect(check({ ...filled, promiseOn: '2026-11-27' })).toEqual(['promise'])
    expect(check({ ...filled, promiseText: '三日内回复' })).toEqual(['promise'])
    expect(check({ ...filled, promiseOn: '2026-11-27', promiseText: '三日内回复' })).toEqual([])
  })
  it('counts as started by anything a person put in, not by presets', () => {
    expect(isStarted({ ...emptyForm, propertyId: 'p', severity: 3 })).toBe(false)
    expect(isStarted({ ...emptyForm, description: '漏' })).toBe(true)
  })
  it('sends only what is there', () => {
    expect(toRequest(filled, 'c1', null)).toEqual({
      call_id: 'c1', category: 'BX.WSJ.FS.03', severity: 1, description: '厨房顶部渗水',
    })
    expect(toRequest({ ...filled, propertyId: 'p1', promiseOn: '2026-11-27', promiseText: '回复' }, 'c1', 'u1')).toMatchObject({
      customer_id: 'u1', property_id: 'p1', promise: { due_on: '2026-11-27', text: '回复' },
    })
  })
})

describe('idempotency', () => {
  it('keeps the key of an attempt whose fate is unknown', () => {
    const first = nextAttempt(null, 'a', () => 'k1')
    expect(nextAttempt(first, 'a', () => 'k2').key).toBe('k1')
    expect(nextAttempt(first, 'b', () => 'k2')).toEqual({ key: 'k1', body: 'b' })
  })
  it('makes well-formed keys', () =>
    expect(uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/))
})

describe('caller', () => {
  const home = { id: 'p1', label: '3号楼1801', role: 'owner' as const, delivered_on: null, contract_no: null }
  const pop: Pop = {
    call_id: 'c1', number_masked: '138****5678', number_kind: 'mobile', match: 'several', open_tickets: [], recent_calls: [],
    promises: [],
    candidates: [
      { customer_id: 'u1', name: '张伟', tier: null, tags: [], role: 'owner', reason: '', properties: [home] },
      { customer_id: 'u2', name: '李娟', tier: null, tags: [], role: 'family', reason: '', properties: [home, { ...home, id: 'p2' }] },
    ],
  }
  it('is the chosen one, else the best', () => {
    expect(chosenCandidate(pop, null)?.name).toBe('张伟')
    expect(chosenCandidate(pop, 'u2')?.name).toBe('李娟')
    expect(chosenCandidate({ ...pop, candidates: [] }, 'u2')).toBeNull()
  })
  it('presets a home only when there is no choice', () => {
    expect(presetProperty(pop.candidates[0]!)).toBe('p1')
    expect(presetProperty(pop.candidates[1]!)).toBeNull()
    expect(presetProperty(null)).toBeNull()
  })
})

import { describe, expect, it } from 'vitest'
import type { Floor, FloorAgent, FloorWaiting } from '../api/schema'
import { agentsAtWork, groupAgents, longestWait } from './floor'

const agent = (name: string, state: string, since: string, reason: string | null = null): FloorAgent => ({
  id: name, name, extension: name, state, reason, since, connected: true, device: 'browser', next: null, call: null,
})
const floor = (agents: FloorAgent[], entered: string[] = []): Floor =>
  ({ agents, waiting: entered.map((entered_at) => ({ entered_at }) as FloorWaiting) }) as Floor

describe('agents', () => {
  const agents = [
    agent('a', 'ready', '2026-11-24T04:05:00Z'),
    agent('b', 'talking', '2026-11-24T04:04:00Z'),
    agent('c', 'talking', '2026-11-24T04:01:00Z'),
    agent('d', 'reserved', '2026-11-24T04:06:00Z'),
    agent('e', 'away', '2026-11-24T03:00:00Z', 'lost'),
    agent('f', 'offline', '2026-11-24T01:00:00Z'),
    agent('g', 'teleporting', '2026-11-24T01:00:00Z'),
  ]
  it('stand in a fixed order of states, longest first', () => {
    expect(groupAgents(agents).map((g) => [g.key, g.agents.map((a) => a.name).join('')])).toEqual([
      ['talking', 'cb'], ['ringing', 'd'], ['ready', 'a'], ['away', 'g'], ['lost', 'e'], ['offline', 'f'],
    ])
  })
  it('loses nobody, whatever their state', () =>
    expect(groupAgents(agents).flatMap((g) => g.agents)).toHaveLength(agents.length))
  it('counts who can be counted on', () => expect(agentsAtWork(floor(agents))).toBe(5))
})

it('longest wait compares instants, not texts', () => {
  expect(longestWait(floor([], ['2026-11-24T12:04:00+08:00', '2026-11-24T04:03:00Z']))).toBe('2026-11-24T04:03:00Z')
  expect(longestWait(floor([]))).toBeNull()
})

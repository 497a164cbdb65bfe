import type { Floor, FloorAgent } from '../api/schema'

/** When the caller who has waited longest entered the queue. */
export function longestWait(floor: Floor): string | null {
  return floor.waiting.reduce<string | null>(
    (oldest, w) => (oldest === null || Date.parse(w.entered_at) < Date.parse(oldest) ? w.entered_at : oldest),
    null,
  )
}

/** Agents who are signed in to take calls in any way, whatever they do this minute. */
export function agentsAtWork(floor: Floor): number {
  return floor.agents.filter((a) => a.state !== 'offline' && a.reason !== 'lost').length
}

export interface AgentGroup {
  key: string
  agents: FloorAgent[]
}

const order = ['talking', 'ringing', 'wrap_up', 'ready', 'away', 'lost', 'offline']

/** The group of an agent: an offer and its ringing are one, a lost connection is its own, an unknown state is away. */
export function groupOf(agent: FloorAgent): string {
  if (agent.state === 'away' && agent.reason === 'lost') return 'lost'
  if (agent.state === 'reserved') return 'ringing'
  return order.includes(agent.state) ? agent.state : 'away'
}

/** Agents by state, in a fixed order of states, and within a state by who has been in it longest. Empty groups are left out. */
export function groupAgents(agents: readonly FloorAgent[]): AgentGroup[] {
  return order
    .map((key) => ({
      key,
      agents: agents
        .filter((a) => groupOf(a) === key)
        .sort((a, b) => Date.parse(a.since) - Date.parse(b.since) || a.extension.localeCompare(b.extension)),
    }))
    .filter((g) => g.agents.length > 0)
}

import type { Desk } from '../api/schema'

/** How long a SIP session may exist without a call of the server. */
export const ghostAfter = 3_000

/** Whether the server's desk accounts for a SIP session in this browser. */
export function accountsFor(desk: Desk | null): boolean {
  return desk?.call != null && desk.call.phase !== 'ended'
}

/**
 * Whether a session is a ghost and is to be hung up: the server has shown no call for it for 3 s. Without a connection to
 * the server nothing is known about the call, so nothing is decided.
 */
export function isGhost(unaccountedSince: number | null, linked: boolean, now: number): boolean {
  return linked && unaccountedSince !== null && now - unaccountedSince >= ghostAfter
}

/**
 * The call that should be talking in the browser's phone, by the server's word. A phone that has no session for it has lost
 * its voice: the page was loaded anew, the phone has moved to another tab, or the connection is gone.
 */
export function voiceOf(desk: Desk | null): string | null {
  if (desk?.call == null || desk.agent.device !== 'browser') return null
  return desk.call.phase === 'talking' || desk.call.phase === 'recalling' ? desk.call.id : null
}

/**
 * Milliseconds before each request to be rung again, the first one counted from the loss. There are no more than these for a
 * call until voice has come back: a phone that cannot take the call must not ring itself for ever, with the customer waiting.
 */
export const recallAfter: readonly number[] = [1_000, 4_000, 10_000]

/** Requests made for one call. */
export interface Recalls {
  call: string
  made: number
}

/** How long to wait with the next request for this call, or null when there will be none. */
export function nextRecall(recalls: Recalls | null, call: string): number | null {
  return recallAfter[recalls?.call === call ? recalls.made : 0] ?? null
}

export function countRecall(recalls: Recalls | null, call: string): Recalls {
  return { call, made: recalls?.call === call ? recalls.made + 1 : 1 }
}

export interface RtpCounters {
  sent: number
  received: number
  lost: number
  /** Seconds, or null when not known. */
  roundTrip: number | null
  jitter: number | null
}

interface StatsEntry {
  type: string
  kind?: string
  packetsSent?: number
  packetsReceived?: number
  packetsLost?: number
  jitter?: number
  roundTripTime?: number
}

/** Reads the audio counters out of an RTCStatsReport's entries. */
export function readStats(entries: Iterable<StatsEntry>): RtpCounters {
  const out: RtpCounters = { sent: 0, received: 0, lost: 0, roundTrip: null, jitter: null }
  for (const e of entries) {
    if (e.type === 'outbound-rtp' && e.kind === 'audio') out.sent += e.packetsSent ?? 0
    if (e.type === 'inbound-rtp' && e.kind === 'audio') {
      out.received += e.packetsReceived ?? 0
      out.lost += e.packetsLost ?? 0
      out.jitter = e.jitter ?? out.jitter
    }
    if (e.type === 'remote-inbound-rtp' && e.kind === 'audio') out.roundTrip = e.roundTripTime ?? out.roundTrip
  }
  return out
}

export type Quality = 'good' | 'fair' | 'poor' | 'silent'

/** A word for one second of voice: nothing received, much lost, or jitter beyond what a buffer hides. */
export function quality(before: RtpCounters | null, now: RtpCounters): Quality {
  const received = now.received - (before?.received ?? 0)
  const lost = Math.max(0, now.lost - (before?.lost ?? 0))
  if (received <= 0) return 'silent'
  const share = lost / (lost + received)
  if (share > 0.05 || (now.jitter ?? 0) > 0.06) return 'poor'
  return share > 0.01 || (now.jitter ?? 0) > 0.03 ? 'fair' : 'good'
}

// The rules of the live connection as pure functions; socket.ts is the shell around them.

/** Where one stream stands on one connection. Offsets start again on each connection, so a cursor is never carried over. */
export interface Cursor {
  epoch: string
  offset: number
}

/** Whether a message is news. An older or repeated offset of the same epoch is not; another epoch always is. */
export function isNews(cursor: Cursor | undefined, message: Cursor): boolean {
  return cursor === undefined || cursor.epoch !== message.epoch || message.offset > cursor.offset
}

/** Milliseconds until the next attempt: full jitter under a ceiling that doubles from 0.5 s to 10 s. */
export function backoff(attempt: number, random: number): number {
  const ceiling = Math.min(10_000, 500 * 2 ** Math.min(attempt, 10))
  return Math.round(100 + random * (ceiling - 100))
}

/** Close codes after which the server does not want the page back: signed out, not permitted. */
export function isFinal(code: number): boolean {
  return code >= 4500 && code < 4600
}

/** Milliseconds of silence on a visible page after which the connection counts as dead; the server speaks each second. */
export const silenceLimit = 12_000

/**
 * Whether silence may be taken for a dead connection. Never while the page is hidden, because browsers slow its timers
 * down, and not before it has been visible long enough for the server to have spoken.
 */
export function isDead(now: number, heardAt: number, visibleSince: number | null): boolean {
  return visibleSince !== null && now - Math.max(heardAt, visibleSince) > silenceLimit
}

export type Freshness = 'live' | 'stale' | 'gone'

/** How far numbers may be trusted: greyed with their age after 3 s, not shown at all after 15 s. */
export function freshness(ageMs: number | null): Freshness {
  if (ageMs === null || ageMs > 15_000) return 'gone'
  return ageMs > 3_000 ? 'stale' : 'live'
}

/**
 * Difference between the server's clock and ours in milliseconds, from the last samples of (server time − arrival time).
 * Time on the wire only makes a sample smaller, so the greatest one is the nearest to the truth.
 */
export function clockOffset(samples: readonly number[]): number {
  return samples.length === 0 ? 0 : Math.max(...samples)
}

/** Keeps the last samples; a jump of our own clock by more than 2 s throws the older ones away. */
export function addSample(samples: readonly number[], sample: number, keep = 20): number[] {
  const last = samples.at(-1)
  if (last !== undefined && Math.abs(last - sample) > 2_000) return [sample]
  return [...samples, sample].slice(-keep)
}

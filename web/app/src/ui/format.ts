// How times, durations and numbers are written. The department works in one zone whatever the computer's own is.
const zone = 'Asia/Shanghai'

const parts = new Intl.DateTimeFormat('en-CA', {
  timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit',
  minute: '2-digit', second: '2-digit',
})

function fields(at: string | number): Record<string, string> | null {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return null
  return Object.fromEntries(parts.formatToParts(date).map((p) => [p.type, p.value]))
}

/** `2026-11-24` in Shanghai. */
export function day(at: string | number): string {
  const f = fields(at)
  return f ? `${f['year']}-${f['month']}-${f['day']}` : '—'
}

/** `2026-11-24 12:04`, or `12:04` when it is the same day as `now`. */
export function moment(at: string | number, now?: number): string {
  const f = fields(at)
  if (!f) return '—'
  const time = `${f['hour']}:${f['minute']}`
  const date = `${f['year']}-${f['month']}-${f['day']}`
  return now !== undefined && day(now) === date ? time : `${date} ${time}`
}

/** `12:04:33`. */
export function clockTime(at: string | number): string {
  const f = fields(at)
  return f ? `${f['hour']}:${f['minute']}:${f['second']}` : '—'
}

/** Seconds as `mm:ss`, from an hour on `h:mm:ss`. Never negative: clocks differ by a little. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '—'
  const s = Math.max(0, Math.floor(seconds))
  const mm = String(Math.floor(s / 60) % 60).padStart(2, '0')
  const ss = String(s % 60).padStart(2, '0')
  return s >= 3600 ? `${Math.floor(s / 3600)}:${mm}:${ss}` : `${mm}:${ss}`
}

/** Time that has passed since `from` at server time `now` (milliseconds), as a duration. */
export function since(from: string | null | undefined, now: number): string {
  if (!from) return '—'
  return duration((now - Date.parse(from)) / 1000)
}

/** A mobile number, masked or not, in groups of 3-4-4; anything else as it is. */
export function phone(number: string): string {
  return /^1[\d*]{10}$/.test(number) ? `${number.slice(0, 3)} ${number.slice(3, 7)} ${number.slice(7)}` : number
}

/** A ratio as `82.4%`. */
export function percent(ratio: number | null | undefined): string {
  return ratio === null || ratio === undefined || !Number.isFinite(ratio) ? '—' : `${(ratio * 100).toFixed(1)}%`
}

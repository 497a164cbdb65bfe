import { addSample, backoff, clockOffset, type Cursor, isDead, isFinal, isNews } from './reduce'
import type { Frame } from '../api/schema'

export type LinkState = 'closed' | 'connecting' | 'open' | 'waiting' | 'refused'

export interface Handlers {
  frame(frame: Frame): void
  state(state: LinkState, code: number | null): void
  /** Milliseconds to add to our clock to get the server's. */
  clock(offset: number): void
}

/**
 * Keeps one WebSocket to the server: reconnects with a jittered back-off until stop() or a close code that says not to
 * come back. The server speaks each second, so silence on a visible page is a dead connection; a hidden page decides nothing.
 */
export class LiveSocket {
  private socket: WebSocket | null = null
  private timer: ReturnType<typeof setTimeout> | undefined
  private watch: ReturnType<typeof setInterval> | undefined
  private attempt = 0
  private heardAt = 0
  private visibleSince: number | null = null
  private cursors = new Map<string, Cursor>()
  private samples: number[] = []
  private readonly url: string
  private readonly handlers: Handlers

  constructor(url: string, handlers: Handlers) {
    this.url = url
    this.handlers = handlers
  }

  start(): void {
    this.visibleSince = document.hidden ? null : Date.now()
    document.addEventListener('visibilitychange', this.onVisibility)
    window.addEventListener('online', this.onOnline)
    this.watch = setInterval(() => {
      if (this.socket && isDead(Date.now(), this.heardAt, this.visibleSince)) this.again()
    }, 1_000)
    this.connect()
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.onVisibility)
    window.removeEventListener('online', this.onOnline)
    clearInterval(this.watch)
    clearTimeout(this.timer)
    this.drop()
    this.handlers.state('closed', null)
  }

  private readonly onVisibility = () => {
    this.visibleSince = document.hidden ? null : Date.now()
    if (!document.hidden && this.timer !== undefined) this.again()
  }

  private readonly onOnline = () => {
    if (this.timer !== undefined || this.socket) this.again()
  }

  /** Leaves the present connection, if any, and tries at once. */
  private again(): void {
    this.drop()
    clearTimeout(this.timer)
    this.timer = undefined
    this.connect()
  }

  private drop(): void {
    const old = this.socket
    this.socket = null
    if (!old) return
    old.onopen = old.onmessage = old.onclose = null
    old.close()
  }

  private connect(): void {
    this.handlers.state('connecting', null)
    this.cursors.clear()
    this.heardAt = Date.now()
    const socket = new WebSocket(this.url)
    this.socket = socket
    socket.onopen = () => {
      this.heardAt = Date.now()
      this.handlers.state('open', null)
    }
    socket.onmessage = (event) => this.receive(event.data)
    socket.onclose = (event) => {
      this.socket = null
      if (isFinal(event.code)) {
        this.handlers.state('refused', event.code)
        return
      }
      this.handlers.state('waiting', event.code)
      this.timer = setTimeout(() => {
        this.timer = undefined
        this.connect()
      }, backoff(this.attempt++, Math.random()))
    }
  }

  private receive(data: unknown): void {
    if (typeof data !== 'string') return
    let frame: Frame
    try {
      frame = JSON.parse(data) as Frame
    } catch {
      return // not ours; the next whole state repairs whatever was lost
    }
    const now = Date.now()
    this.heardAt = now
    this.attempt = 0
    if (frame.stream === 'clock') {
      this.samples = addSample(this.samples, Date.parse(frame.at) - now)
      this.handlers.clock(clockOffset(this.samples))
    } else {
      if (!isNews(this.cursors.get(frame.stream), frame)) return
      this.cursors.set(frame.stream, { epoch: frame.epoch, offset: frame.offset })
    }
    this.handlers.frame(frame)
  }
}

export function streamUrl(streams: string[]): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return `${scheme}://${location.host}/api/v1/stream?streams=${streams.join(',')}`
}

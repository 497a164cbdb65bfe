// One phone for each desk: the tab that holds the lock registers; the others see the same state of the server. Calls are
// never negotiated between tabs. The channel carries one command (answer, because only the leader holds the session) and
// the leader's telling of what its phone is like.

export interface PhoneTelling {
  registered: boolean
  session: boolean
  problem: string | null
}

type Message =
  | { type: 'answer'; call: string; attempt: number }
  | { type: 'telling'; telling: PhoneTelling }
  | { type: 'who' }

export interface LeaderHandlers {
  lead(): void
  answer(call: string, attempt: number): void
  telling(telling: PhoneTelling): void
  /** Another tab has come up and asks. */
  asked(): void
}

export class Leadership {
  private readonly channel: BroadcastChannel
  private readonly abort = new AbortController()
  private release: (() => void) | null = null
  leading = false

  constructor(desk: string, handlers: LeaderHandlers) {
    this.channel = new BroadcastChannel(`hotline-phone-${desk}`)
    this.channel.onmessage = (event: MessageEvent<Message>) => {
      const m = event.data
      if (m.type === 'answer' && this.leading) handlers.answer(m.call, m.attempt)
      else if (m.type === 'telling' && !this.leading) handlers.telling(m.telling)
      else if (m.type === 'who' && this.leading) handlers.asked()
    }
    if (!navigator.locks) {
      // Plain http on another machine: no locks, and no microphone either, so there is nothing to share out.
      this.leading = true
      queueMicrotask(() => handlers.lead())
      return
    }
    navigator.locks
      .request(`hotline-phone-${desk}`, { signal: this.abort.signal }, () => {
        this.leading = true
        handlers.lead()
        return new Promise<void>((resolve) => (this.release = resolve))
      })
      .catch(() => {}) // aborted by close()
    this.channel.postMessage({ type: 'who' } satisfies Message)
  }

  tell(telling: PhoneTelling): void {
    if (this.leading) this.channel.postMessage({ type: 'telling', telling } satisfies Message)
  }

  askToAnswer(call: string, attempt: number): void {
    this.channel.postMessage({ type: 'answer', call, attempt } satisfies Message)
  }

  close(): void {
    this.leading = false
    this.abort.abort()
    this.release?.()
    this.channel.close()
  }
}

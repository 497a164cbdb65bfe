/**
 * The ring tone, synthesised: two short tones, then a pause. It sounds whatever has the focus. Browsers hold a page's sound
 * back until the person has clicked or typed in it; `blocked` says so, and unblock() belongs into a click.
 */
export class Ring {
  private context: AudioContext | null = null
  private timer: ReturnType<typeof setInterval> | undefined
  private readonly onBlocked: (blocked: boolean) => void

  constructor(onBlocked: (blocked: boolean) => void) {
    this.onBlocked = onBlocked
  }

  /** Tries to get sound ready and reports whether the browser lets us. */
  prepare(): void {
    if (!this.context) {
      this.context = new AudioContext()
      this.context.onstatechange = () => this.report()
    }
    void this.context.resume().catch(() => {})
    // resume() stays pending for as long as the browser waits for a gesture.
    setTimeout(() => this.report(), 250)
  }

  start(): void {
    if (this.timer !== undefined) return
    this.prepare()
    this.burst()
    this.timer = setInterval(() => this.burst(), 2_400)
  }

  stop(): void {
    clearInterval(this.timer)
    this.timer = undefined
  }

  close(): void {
    this.stop()
    void this.context?.close()
    this.context = null
  }

  private report(): void {
    if (this.context) this.onBlocked(this.context.state === 'suspended')
  }

  private burst(): void {
    const context = this.context
    if (!context || context.state !== 'running') return
    for (let i = 0; i < 4; i++) this.tone(context, i % 2 === 0 ? 880 : 698, context.currentTime + i * 0.22, 0.2)
  }

  private tone(context: AudioContext, hertz: number, at: number, seconds: number): void {
    const gain = context.createGain()
    gain.connect(context.destination)
    gain.gain.setValueAtTime(0, at)
    gain.gain.linearRampToValueAtTime(0.25, at + 0.02)
    gain.gain.setValueAtTime(0.25, at + seconds - 0.04)
    gain.gain.linearRampToValueAtTime(0, at + seconds)
    const oscillator = context.createOscillator()
    oscillator.type = 'triangle'
    oscillator.frequency.value = hertz
    oscillator.connect(gain)
    oscillator.start(at)
    oscillator.stop(at + seconds)
  }
}

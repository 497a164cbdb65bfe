import type { RTCSession } from 'jssip/lib/RTCSession'
import type { IncomingRTCSessionEvent, OutgoingRTCSessionEvent, UA } from 'jssip/lib/UA'
import { markRaw } from 'vue'
import type { PhoneAccount } from '../api/schema'
import { openMicrophone } from './devices'
import { readStats, type RtpCounters } from './rules'

export interface PhoneEvents {
  registered(yes: boolean): void
  /** The server refused the registration: the account may have changed. */
  refused(): void
  /** A SIP session exists (it rings or talks here), or no more. */
  session(exists: boolean): void
  answered(): void
  /** The browser would not play sound before a click. */
  blocked(): void
}

export interface Phone {
  /** Answers what rings; muted from the first word if so asked. */
  answer(muted: boolean): Promise<void>
  hangUp(): void
  mute(on: boolean): void
  /** Changes the microphone during a call, without a new offer. */
  useMicrophone(): Promise<void>
  stats(): Promise<RtpCounters | null>
  stop(): void
}

/** Milliseconds to wait for further ICE candidates once there is one: on a LAN the host candidates come at once. */
const candidatesFor = 300

/** Registers one SIP phone over the server's WebSocket. It takes one call at a time and never places one. */
export async function startPhone(account: PhoneAccount, audio: HTMLAudioElement, events: PhoneEvents): Promise<Phone> {
  const module = await import('jssip')
  const { UA: Agent, WebSocketInterface } = 'default' in module ? (module.default as typeof module) : module
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const url = account.socket.startsWith('/') ? `${scheme}://${location.host}${account.socket}` : account.socket
  const ua: UA = markRaw(
    new Agent({
      sockets: new WebSocketInterface(url),
      uri: account.uri,
      authorization_user: account.username,
      password: account.password,
      session_timers: account.session_timers,
      register: true,
      register_expires: 120,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
    }),
  )

  let session: RTCSession | null = null
  let microphone: MediaStream | null = null
  let answering = false

  function release(): void {
    session = null
    answering = false
    closeMicrophone()
    audio.srcObject = null
    events.session(false)
  }

  function closeMicrophone(): void {
    for (const track of microphone?.getTracks() ?? []) track.stop()
    microphone = null
  }

  ua.on('registered', () => events.registered(true))
  ua.on('unregistered', () => events.registered(false))
  ua.on('disconnected', () => events.registered(false))
  ua.on('registrationFailed', (event) => {
    events.registered(false)
    if (event.response) events.refused()
  })
  ua.on('newRTCSession', (event: IncomingRTCSessionEvent | OutgoingRTCSessionEvent) => {
    if (event.originator !== ('remote' as typeof event.originator)) return
    const incoming = event.session
    if (session) {
      incoming.terminate({ status_code: 486 })
      return
    }
    session = markRaw(incoming)
    incoming.on('peerconnection', ({ peerconnection }) => {
      peerconnection.addEventListener('track', (track) => {
        audio.srcObject = track.streams[0] ?? new MediaStream([track.track])
        audio.play().catch(() => events.blocked())
      })
    })
    let gathering: ReturnType<typeof setTimeout> | undefined
    incoming.on('icecandidate', ({ ready }) => {
      gathering ??= setTimeout(ready, candidatesFor)
    })
    incoming.on('accepted', () => events.answered())
    incoming.on('ended', release)
    incoming.on('failed', release)
    events.session(true)
  })
  ua.start()

  return {
    async answer(muted) {
      if (!session || answering || session.isEstablished()) return
      answering = true
      const mine = session
      try {
        microphone = await openMicrophone()
      } catch (error) {
        answering = false
        throw error
      }
      if (session !== mine || mine.isEnded()) {
        closeMicrophone() // the caller gave up while the browser asked for the microphone
        return
      }
      if (muted) for (const track of microphone.getAudioTracks()) track.enabled = false
      mine.answer({
        mediaStream: microphone,
        mediaConstraints: { audio: true, video: false },
        pcConfig: { iceServers: [] },
      })
      // JsSIP enables the track again on its own unless it knows.
      if (muted) mine.mute({ audio: true })
    },
    hangUp() {
      if (session && !session.isEnded()) session.terminate()
    },
    mute(on) {
      if (on) session?.mute({ audio: true })
      else session?.unmute({ audio: true })
    },
    async useMicrophone() {
      const connection = session?.connection
      if (!connection || !microphone) return
      const next = await openMicrophone()
      const track = next.getAudioTracks()[0]
      const sender = connection.getSenders().find((s) => s.track?.kind === 'audio')
      if (!track || !sender) return
      track.enabled = sender.track?.enabled ?? true
      await sender.replaceTrack(track)
      closeMicrophone()
      microphone = next
    },
    async stats() {
      const connection = session?.connection
      if (!connection) return null
      const report = await connection.getStats()
      const entries: Parameters<typeof readStats>[0] extends Iterable<infer E> ? E[] : never = []
      report.forEach((entry) => entries.push(entry))
      return readStats(entries)
    },
    stop() {
      if (session && !session.isEnded()) session.terminate()
      ua.stop()
      closeMicrophone()
    },
  }
}

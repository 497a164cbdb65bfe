import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { Refusal } from '../api/client'
import * as api from '../api/hotline'
import type { Device } from '../api/schema'
import { useDesk } from '../live/desk'
import { useLink } from '../live/link'
import { isMissing, openMicrophone, storedMicrophone } from './devices'
import { Leadership } from './leader'
import { Ring } from './ring'
import {
  accountsFor, countRecall, isGhost, nextRecall, quality, type Quality, type Recalls, type RtpCounters, voiceOf,
} from './rules'
import type { Phone } from './ua'

export type PhoneState = 'off' | 'connecting' | 'registered' | 'problem'

const deviceKey = 'hotline.device'
/** Id of the call in which the agent is muted: a voice that is restored must not be heard where it was not before. */
const mutedKey = 'hotline.muted'

/**
 * The browser's phone around one rule: it follows the server. It answers when the agent says so, and lets go of any
 * session that the server's desk does not account for.
 */
export const usePhone = defineStore('phone', () => {
  const desk = useDesk()
  const link = useLink()

  const device = ref<Device>(localStorage.getItem(deviceKey) === 'desk_phone' ? 'desk_phone' : 'browser')
  const leading = ref(false)
  const registered = ref(false)
  const session = ref(false)
  const muted = ref(false)
  /** Name of the browser's error, or `account`, `insecure`. */
  const problem = ref<string | null>(null)
  const microphoneMissing = ref(false)
  const soundBlocked = ref(false)
  const rtp = ref<RtpCounters | null>(null)
  const voice = ref<Quality | null>(null)
  /** The voice of the present call did not come back by itself. */
  const voiceLost = ref(false)

  let phone: Phone | null = null
  let leader: Leadership | null = null
  let audio: HTMLAudioElement | null = null
  let generation = 0
  let every: ReturnType<typeof setInterval> | undefined
  let again: ReturnType<typeof setTimeout> | undefined
  let unaccountedSince: number | null = null
  let recalls: Recalls | null = null
  let recalling: ReturnType<typeof setTimeout> | undefined
  const ring = shallowRef(new Ring((blocked) => (soundBlocked.value = blocked)))

  const state = computed<PhoneState>(() => {
    if (device.value !== 'browser') return 'off'
    if (problem.value) return 'problem'
    return registered.value ? 'registered' : 'connecting'
  })
  /** The session that belongs to the offer has arrived, here or in the leading tab. */
  const canAnswer = computed(() => device.value === 'browser' && session.value && desk.offered !== null)

  /** The call of the server that ought to have a session here, and has none. */
  const missing = computed(() =>
    leading.value && registered.value && !session.value && link.state === 'open' ? voiceOf(desk.desk) : null,
  )
  /** A session has come for a call that was talking here before: there is nothing to ask the agent. */
  const restored = computed(() =>
    leading.value && session.value && desk.call?.phase === 'recalling' ? voiceOf(desk.desk) : null,
  )

  function start(deskId: string, element: HTMLAudioElement): void {
    audio = element
    leader = new Leadership(deskId, {
      lead() {
        leading.value = true
        void connect()
      },
      answer(call, attempt) {
        // Said for one offer; by now the desk may hold another one.
        if (desk.offered?.id === call && desk.offered.attempt === attempt) void answer()
      },
      telling(telling) {
        registered.value = telling.registered
        session.value = telling.session
        problem.value = telling.problem
      },
      asked: tell,
    })
    every = setInterval(() => void second(), 1_000)
    window.addEventListener('online', reconnect)
    navigator.mediaDevices?.addEventListener('devicechange', onDevices)
    window.addEventListener('pointerdown', onGesture, true)
    window.addEventListener('keydown', onGesture, true)
    ring.value.prepare()
  }

  function stop(): void {
    generation++
    clearInterval(every)
    clearTimeout(again)
    window.removeEventListener('online', reconnect)
    navigator.mediaDevices?.removeEventListener('devicechange', onDevices)
    window.removeEventListener('pointerdown', onGesture, true)
    window.removeEventListener('keydown', onGesture, true)
    ring.value.stop()
    clearTimeout(recalling)
    localStorage.removeItem(mutedKey)
    drop()
    leader?.close()
    leader = null
    leading.value = false
    audio = null
  }

  function drop(): void {
    phone?.stop()
    phone = null
    registered.value = session.value = muted.value = false
    rtp.value = voice.value = null
  }

  function reconnect(): void {
    // In a call the media may well survive; JsSIP's own recovery then brings the socket back.
    if (!session.value) void connect()
  }

  async function connect(): Promise<void> {
    const mine = ++generation
    clearTimeout(again)
    drop()
    problem.value = null
    if (!leading.value || device.value !== 'browser' || !audio) return tell()
    if (!navigator.mediaDevices) {
      problem.value = 'insecure'
      return tell()
    }
    try {
      const account = await api.phoneAccount()
      const { startPhone } = await import('./ua')
      if (mine !== generation || !audio) return
      const started = await startPhone(account, audio, {
        registered: (yes) => mine === generation && ((registered.value = yes), tell()),
        refused: () => mine === generation && retry('account'),
        session(exists) {
          if (mine !== generation) return
          session.value = exists
          if (!exists) {
            muted.value = false
            rtp.value = voice.value = null
          }
          tell()
        },
        answered: () => ring.value.stop(),
        blocked: () => (soundBlocked.value = true),
      })
      if (mine === generation) phone = started
      else started.stop()
    } catch (error) {
      if (mine !== generation) return
      retry(error instanceof Refusal ? 'account' : null)
    }
  }

  function retry(why: string | null): void {
    problem.value = why
    tell()
    clearTimeout(again)
    again = setTimeout(() => void connect(), 5_000)
  }

  function tell(): void {
    leader?.tell({ registered: registered.value, session: session.value, problem: problem.value })
  }

  /** Chooses the device and remembers it. Asking for the microphone now keeps the browser's question out of the first call. */
  async function choose(next: Device): Promise<void> {
    device.value = next
    localStorage.setItem(deviceKey, next)
    await connect()
    if (next === 'browser') await askMicrophone()
  }

  async function askMicrophone(): Promise<boolean> {
    try {
      const stream = await openMicrophone()
      for (const track of stream.getTracks()) track.stop()
      if (problem.value !== 'account') problem.value = null
      await onDevices()
      return true
    } catch (error) {
      problem.value = error instanceof DOMException ? error.name : 'microphone'
      return false
    } finally {
      tell()
    }
  }

  async function answer(): Promise<void> {
    const offer = desk.offered
    if (!offer || device.value !== 'browser') return
    if (!leading.value) {
      leader?.askToAnswer(offer.id, offer.attempt)
      return
    }
    ring.value.stop()
    await pickUp(false)
  }

  async function pickUp(mute: boolean): Promise<void> {
    try {
      await phone?.answer(mute)
      muted.value = mute
      problem.value = null
    } catch (error) {
      problem.value = error instanceof DOMException ? error.name : 'microphone'
    }
    tell()
  }

  function toggleMute(): void {
    if (!phone || !session.value) return
    muted.value = !muted.value
    phone.mute(muted.value)
    if (muted.value && desk.call) localStorage.setItem(mutedKey, desk.call.id)
    else localStorage.removeItem(mutedKey)
  }

  /** Asks to be rung again for a call whose voice is missing, and again later if it still is. */
  function askBack(call: string): void {
    clearTimeout(recalling)
    const after = nextRecall(recalls, call)
    voiceLost.value = after === null
    if (after === null) return
    recalling = setTimeout(async () => {
      recalls = countRecall(recalls, call)
      // Refused when the call is over by now, which the stream tells; unanswered: the next attempt is due anyway.
      await api.recall(call).catch(() => {})
      if (missing.value === call) askBack(call)
    }, after)
  }

  async function changeMicrophone(): Promise<void> {
    await phone?.useMicrophone()
    await onDevices()
  }

  async function onDevices(): Promise<void> {
    if (!navigator.mediaDevices) return
    microphoneMissing.value = isMissing(await navigator.mediaDevices.enumerateDevices(), storedMicrophone())
  }

  function onGesture(): void {
    if (soundBlocked.value) unblock()
  }

  function unblock(): void {
    ring.value.prepare()
    if (audio?.srcObject) void audio.play().catch(() => {})
  }

  async function second(): Promise<void> {
    if (!phone || !session.value) {
      unaccountedSince = null
      return
    }
    const now = Date.now()
    if (accountsFor(desk.desk)) unaccountedSince = null
    else unaccountedSince ??= now
    if (isGhost(unaccountedSince, link.state === 'open', now)) {
      phone.hangUp()
      unaccountedSince = null
      return
    }
    const counters = await phone.stats().catch(() => null)
    if (!counters) return
    voice.value = quality(rtp.value, counters)
    rtp.value = counters
    if (voice.value !== 'silent') recalls = null
  }

  // The tone belongs to the offer and to one tab: it starts with it, before the phone rings, and ends with it.
  watch(
    () => [desk.offered?.id, desk.offered?.attempt, leading.value, device.value] as const,
    ([id]) => {
      if (id !== undefined && leading.value && device.value === 'browser') ring.value.start()
      else ring.value.stop()
    },
  )

  watch(missing, (call) => {
    clearTimeout(recalling)
    voiceLost.value = false
    if (call !== null) askBack(call)
  })
  watch(restored, (call) => {
    if (call !== null) void pickUp(localStorage.getItem(mutedKey) === call)
  })

  return {
    device, leading, registered, session, muted, problem, microphoneMissing, soundBlocked, rtp, voice, voiceLost, state, canAnswer,
    start, stop, choose, askMicrophone, answer, toggleMute, changeMicrophone, unblock,
  }
})

import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { freshness } from './reduce'
import { LiveSocket, type LinkState, streamUrl } from './socket'
import { useCallsStream } from './calls'
import { useDesk } from './desk'
import { useFloor } from './floor'

/** The one connection of the page, and the one clock: everything that runs on the screen counts from the server's time. */
export const useLink = defineStore('link', () => {
  const state = ref<LinkState>('closed')
  const refusedWith = ref<number | null>(null)
  const heardAt = ref<number | null>(null)
  const downSince = ref<number | null>(null)
  const offset = ref(0)
  const local = ref(Date.now())
  /** Server time in milliseconds, moving once a second. */
  const now = computed(() => local.value + offset.value)
  /** Milliseconds since the server last spoke, or null before it ever did. */
  const age = computed(() => (heardAt.value === null ? null : Math.max(0, local.value - heardAt.value)))
  /** True when commands cannot be expected to arrive: worth a bar only after 1.5 s. */
  const offline = computed(() => downSince.value !== null && local.value - downSince.value > 1_500)
  /** A connection known to be down is not live even when the last message is young. */
  const fresh = computed(() => {
    const byAge = freshness(age.value)
    return offline.value && byAge === 'live' ? 'stale' : byAge
  })

  let socket: LiveSocket | null = null
  let tick: ReturnType<typeof setInterval> | undefined

  function start(streams: string[], signedOut: () => void): void {
    stop()
    const desk = useDesk()
    const floor = useFloor()
    const calls = useCallsStream()
    downSince.value = Date.now()
    tick = setInterval(() => (local.value = Date.now()), 500)
    document.addEventListener('visibilitychange', touch)
    socket = new LiveSocket(streamUrl(streams), {
      frame(frame) {
        heardAt.value = local.value = Date.now()
        if (frame.stream === 'desk') desk.take(frame.data)
        else if (frame.stream === 'floor') floor.take(frame.data)
        else if (frame.stream === 'calls') calls.take(frame.data.call_id)
      },
      state(next, code) {
        state.value = next
        refusedWith.value = next === 'refused' ? code : null
        if (next === 'open') downSince.value = null
        else downSince.value ??= Date.now()
        if (next === 'refused' && code === 4500) signedOut()
      },
      clock: (value) => (offset.value = value),
    })
    socket.start()
  }

  function touch(): void {
    local.value = Date.now()
  }

  function stop(): void {
    socket?.stop()
    socket = null
    clearInterval(tick)
    document.removeEventListener('visibilitychange', touch)
    heardAt.value = null
    downSince.value = null
  }

  return { state, refusedWith, age, fresh, offline, now, offset, start, stop }
})

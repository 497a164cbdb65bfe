import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { NoAnswer, Refusal } from '../api/client'
import * as api from '../api/hotline'
import type { AwayReason, Desk, Device } from '../api/schema'

/**
 * The agent's desk as the server sees it: presence, the call, its pop. The screen shows this and nothing else; whatever
 * the browser's phone believes is never shown as the state of a call.
 */
export const useDesk = defineStore('desk', () => {
  const desk = shallowRef<Desk | null>(null)
  const pending = ref<string | null>(null)
  const agent = computed(() => desk.value?.agent ?? null)
  const call = computed(() => desk.value?.call ?? null)
  const pop = computed(() => desk.value?.pop ?? null)
  /** A call that the server holds open for this desk, in whatever phase before its end. */
  const liveCall = computed(() => (call.value && call.value.phase !== 'ended' ? call.value : null))
  const offered = computed(() =>
    call.value && (call.value.phase === 'offered' || call.value.phase === 'ringing') ? call.value : null,
  )

  /** From the stream: whole state, the latest wins. */
  function take(next: Desk): void {
    desk.value = next
  }

  /** From an answer: it may be older than what the stream has brought meanwhile. */
  function takeAnswer(next: Desk): void {
    if (!desk.value || next.agent.version > desk.value.agent.version) desk.value = next
  }

  async function command(name: string, run: (version: number) => Promise<Desk>): Promise<void> {
    if (!desk.value || pending.value) return
    pending.value = name
    try {
      takeAnswer(await run(desk.value.agent.version))
    } catch (error) {
      if (!(error instanceof Refusal) || error.slug !== 'stale-version') throw error
      // Someone (the server's own timers, another tab) was faster. Ask for the state and try once more with it: what the
      // agent wants does not depend on the version, the server's rules still decide.
      takeAnswer(await api.desk())
      takeAnswer(await run(desk.value.agent.version))
    } finally {
      pending.value = null
    }
  }

  async function load(): Promise<void> {
    try {
      takeAnswer(await api.desk())
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error // the stream brings it as soon as the server is back
    }
  }

  const ready = (device: Device) => command('ready', (v) => api.ready(v, device))
  const away = (reason: AwayReason) => command('away', (v) => api.away(v, reason))
  const offline = () => command('offline', api.offline)
  const finishWrapUp = () => command('finish-wrap-up', api.finishWrapUp)
  const extendWrapUp = () => command('extend-wrap-up', api.extendWrapUp)

  function clear(): void {
    desk.value = null
  }

  return {
    desk, agent, call, pop, liveCall, offered, pending,
    take, load, ready, away, offline, finishWrapUp, extendWrapUp, clear,
  }
})

import { defineStore } from 'pinia'
import { computed, reactive, ref, watch } from 'vue'
import { Refusal } from '../api/client'
import * as api from '../api/hotline'
import type { DeskCall, Pop, Ticket } from '../api/schema'
import { useDesk } from '../live/desk'
import { remember } from './categories'
import { emptyNote, isDirty, type NoteEvent, type NoteState, stepNote } from './note'
import { type Attempt, emptyForm, isStarted, type TicketForm } from './ticket'

/** Milliseconds without a key before the note is sent; with the round trip it is on the server within a second. */
const quiet = 700
const retryAfter = 2_000

/** Runs something heavy once the browser has painted what is already there: the offer comes before the columns. */
function afterPaint(run: () => void): void {
  if (document.hidden) run() // a hidden page paints nothing
  else requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(run)))
}

/** Everything that a person has put in during one call. It belongs to the call's id, not to what is on the screen. */
export interface Draft {
  callId: string
  call: DeskCall
  pop: Pop | null
  candidate: string | null
  number: string | null
  note: NoteState
  form: TicketForm
  attempt: Attempt | null
  made: Ticket[]
}

/**
 * The drafts of this page's calls. A new call never closes, empties or covers the started form of another one: until the
 * agent answers it, the screen stays with the form; afterwards the older form waits under its own tab.
 */
export const useDrafts = defineStore('drafts', () => {
  const desk = useDesk()
  const drafts = reactive(new Map<string, Draft>())
  const shownId = ref<string | null>(null)
  const recent = ref<string[]>([])
  const timers = new Map<string, ReturnType<typeof setTimeout>>()

  const shown = computed(() => (shownId.value ? (drafts.get(shownId.value) ?? null) : null))
  /** Drafts with a tab of their own: the call at the desk and every other one that still holds something unsaved. */
  const open = computed(() =>
    [...drafts.values()].filter((d) => d.callId === desk.call?.id || holdsWork(d) || d.callId === shownId.value),
  )

  function holdsWork(d: Draft): boolean {
    return isStarted(d.form) || isDirty(d.note)
  }

  watch(
    () => desk.desk,
    (now) => {
      const call = now?.call
      if (!call) {
        const d = shown.value
        if (d && !holdsWork(d)) shownId.value = null
        return
      }
      let draft = drafts.get(call.id)
      if (!draft) {
        draft = {
          callId: call.id, call, pop: null, candidate: null, number: null, note: { ...emptyNote }, form: { ...emptyForm },
          attempt: null, made: [],
        }
        drafts.set(call.id, draft)
        draft = drafts.get(call.id) as Draft
      }
      const answered = call.phase === 'talking' && draft.call.phase !== 'talking'
      draft.call = call
      if (now.pop && now.pop.call_id === call.id) draft.pop = now.pop
      if (now.note) feed(draft, { type: 'server', note: now.note })
      if (mayCover(answered)) {
        if (call.phase === 'offered' && !shown.value) afterPaint(() => desk.call?.id === call.id && mayCover(false) && show(call.id))
        else shownId.value = call.id
      }
    },
    { immediate: true },
  )

  /** Whether the desk's call may take the place of what is shown: never that of started work, unless it was answered. */
  function mayCover(answered: boolean): boolean {
    const current = shown.value
    return !current || answered || (current.callId !== desk.call?.id && !holdsWork(current))
  }

  function show(callId: string): void {
    if (drafts.has(callId)) shownId.value = callId
  }

  /** Puts away a draft that is not the desk's call. The caller has asked first if it holds work. */
  function close(callId: string): void {
    clearTimeout(timers.get(callId))
    timers.delete(callId)
    drafts.delete(callId)
    if (shownId.value === callId) shownId.value = desk.call?.id ?? null
  }

  function feed(draft: Draft, event: NoteEvent): void {
    draft.note = stepNote(draft.note, event)
  }

  function type(callId: string, text: string): void {
    const draft = drafts.get(callId)
    if (!draft) return
    feed(draft, { type: 'typed', text })
    schedule(callId, quiet)
  }

  function schedule(callId: string, after: number): void {
    clearTimeout(timers.get(callId))
    timers.set(callId, setTimeout(() => void save(callId), after))
  }

  async function save(callId: string, keepalive = false): Promise<void> {
    const draft = drafts.get(callId)
    if (!draft || draft.note.sending !== null || draft.note.conflict || !isDirty(draft.note)) return
    feed(draft, { type: 'sent' })
    try {
      const answer = await api.saveNote(callId, draft.note.sending ?? draft.note.text, draft.note.revision, keepalive)
      feed(draft, { type: 'saved', revision: answer.revision, savedAt: answer.saved_at })
    } catch (error) {
      if (error instanceof Refusal && error.slug === 'stale-version') await resolveStale(draft)
      else feed(draft, { type: 'failed' })
    }
    if (isDirty(draft.note) && !draft.note.conflict) schedule(callId, draft.note.failed ? retryAfter : quiet)
  }

  async function resolveStale(draft: Draft): Promise<void> {
    try {
      const { note } = await api.call(draft.callId)
      if (note) feed(draft, { type: 'stale', server: note })
      else feed(draft, { type: 'failed' })
    } catch {
      feed(draft, { type: 'failed' }) // tried again with the same revision, and found stale again
    }
  }

  function settle(callId: string, choice: 'keep-mine' | 'take-theirs'): void {
    const draft = drafts.get(callId)
    if (!draft) return
    feed(draft, { type: choice })
    if (isDirty(draft.note)) schedule(callId, 0)
  }

  /** Sends what is unsaved at once: the page is being left or hidden. */
  function flush(): void {
    for (const id of drafts.keys()) void save(id, true)
  }

  function used(code: string): void {
    recent.value = remember(recent.value, code)
  }

  function clear(): void {
    for (const t of timers.values()) clearTimeout(t)
    timers.clear()
    drafts.clear()
    recent.value = []
    shownId.value = null
  }

  return { drafts, shown, shownId, open, recent, show, close, type, settle, flush, used, holdsWork, clear }
})

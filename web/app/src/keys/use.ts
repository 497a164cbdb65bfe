import { onBeforeUnmount, onMounted } from 'vue'
import { type Command, commandOf, isComposing } from './keys'

type Handler = () => void

// A stack for each command: what was mounted last answers first, and what it leaves alone stays silent.
const handlers = new Map<Command, Handler[]>()
let composing = false
let endedAt = -Infinity

function inField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

function onKeydown(event: KeyboardEvent): void {
  if (!enabled() || isComposing(event, composing, endedAt, performance.now())) return
  const command = commandOf(event, inField(event.target))
  const handler = command && handlers.get(command)?.at(-1)
  if (!handler) return
  // Alt+E opens Chrome's menu on Windows and Alt+digit changes tabs in Firefox on Linux unless prevented.
  event.preventDefault()
  event.stopPropagation()
  handler()
}

const storageKey = 'hotline.keys'

/** Whether keys are on; a person may switch them all off (WCAG 2.1.4). */
export function enabled(): boolean {
  return localStorage.getItem(storageKey) !== 'off'
}

export function setEnabled(on: boolean): void {
  if (on) localStorage.removeItem(storageKey)
  else localStorage.setItem(storageKey, 'off')
}

/** Installs the one handler of the page. It listens in the capture phase, so no component can swallow a command. */
export function installKeys(): void {
  window.addEventListener('keydown', onKeydown, true)
  window.addEventListener('compositionstart', () => (composing = true), true)
  window.addEventListener(
    'compositionend',
    () => {
      composing = false
      endedAt = performance.now()
    },
    true,
  )
}

/** Gives a command its handler for as long as the component is mounted. */
export function useKey(command: Command, handler: Handler): void {
  onMounted(() => handlers.set(command, [...(handlers.get(command) ?? []), handler]))
  onBeforeUnmount(() => handlers.set(command, (handlers.get(command) ?? []).filter((h) => h !== handler)))
}

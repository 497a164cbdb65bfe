// Keyboard commands. Matching is by event.code (the place of the key), so a Chinese input method or another layout does
// not move them, and nothing is done while a text is being composed.

export type Command =
  | 'answer' | 'reject' | 'mute' | 'hold' | 'hang-up' | 'state-menu' | 'category' | 'submit' | 'finish-wrap-up'
  | 'tab-1' | 'tab-2' | 'tab-3' | 'help'

export interface Binding {
  command: Command
  code: string
  alt?: boolean
  ctrl?: boolean
  shift?: boolean
  /** Not while the focus is in a field: the key writes a character. */
  outsideFields?: boolean
  /** How the list of keys shows it. */
  label: string
}

export const bindings: readonly Binding[] = [
  { command: 'answer', code: 'KeyA', alt: true, label: 'Alt+A' },
  { command: 'reject', code: 'KeyX', alt: true, label: 'Alt+X' },
  { command: 'mute', code: 'KeyM', alt: true, label: 'Alt+M' },
  { command: 'hold', code: 'KeyH', alt: true, label: 'Alt+H' },
  { command: 'hang-up', code: 'KeyE', alt: true, label: 'Alt+E ×2' },
  { command: 'state-menu', code: 'F2', label: 'F2' },
  { command: 'category', code: 'F4', label: 'F4' },
  { command: 'submit', code: 'Enter', ctrl: true, label: 'Ctrl+Enter' },
  { command: 'submit', code: 'NumpadEnter', ctrl: true, label: '' },
  { command: 'finish-wrap-up', code: 'F9', label: 'F9' },
  { command: 'tab-1', code: 'Digit1', alt: true, label: 'Alt+1' },
  { command: 'tab-2', code: 'Digit2', alt: true, label: 'Alt+2' },
  { command: 'tab-3', code: 'Digit3', alt: true, label: 'Alt+3' },
  { command: 'help', code: 'F1', label: 'F1 / ?' },
  { command: 'help', code: 'Slash', shift: true, outsideFields: true, label: '' },
]

export interface KeyPress {
  code: string
  altKey: boolean
  ctrlKey: boolean
  metaKey: boolean
  shiftKey: boolean
  isComposing: boolean
  keyCode: number
  repeat: boolean
}

/** The command of a key press, if it is one. A held key is no command: it would hang up what it has just answered. */
export function commandOf(press: KeyPress, inField: boolean): Command | null {
  if (press.repeat || press.metaKey) return null
  const hit = bindings.find(
    (b) =>
      b.code === press.code &&
      (b.alt ?? false) === press.altKey &&
      (b.ctrl ?? false) === press.ctrlKey &&
      (b.shift ?? false) === press.shiftKey &&
      !(b.outsideFields && inField),
  )
  return hit?.command ?? null
}

/**
 * Whether a key belongs to the input method. Three signs, because browsers differ: the flag, the key code 229, and the
 * tick after compositionend (which may come before the keydown that ended the composition).
 */
export function isComposing(press: KeyPress, composing: boolean, endedAt: number, now: number): boolean {
  return press.isComposing || press.keyCode === 229 || composing || now - endedAt < 30
}

/** A command that must be given twice within a second. */
export class Twice {
  private armedAt = -Infinity
  private readonly window: number

  constructor(windowMs = 1_000) {
    this.window = windowMs
  }

  /** True for the second press; the first one only arms. */
  press(now: number): boolean {
    const second = now - this.armedAt <= this.window
    this.armedAt = second ? -Infinity : now
    return second
  }
}

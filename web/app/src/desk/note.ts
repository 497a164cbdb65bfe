// The note of one call as a pure state machine. What the agent typed is never given up: it is either on the server
// under `revision`, or on its way, or shown as unsaved.

export interface NoteState {
  text: string
  /** Revision of the server's copy that `text` was typed on top of; 0 before the first save. */
  revision: number
  savedText: string
  savedAt: string | null
  /** Text of the save that is on its way. */
  sending: string | null
  /** The last save did not arrive; it is tried again. */
  failed: boolean
  /** Someone else's newer text; the agent chooses. */
  conflict: { text: string; revision: number } | null
}

export type NoteEvent =
  | { type: 'typed'; text: string }
  | { type: 'sent' }
  | { type: 'saved'; revision: number; savedAt: string }
  | { type: 'failed' }
  | { type: 'stale'; server: { text: string; revision: number; saved_at: string | null } }
  | { type: 'server'; note: { text: string; revision: number; saved_at: string | null } }
  | { type: 'keep-mine' }
  | { type: 'take-theirs' }

export const emptyNote: NoteState = {
  text: '', revision: 0, savedText: '', savedAt: null, sending: null, failed: false, conflict: null,
}

/** Whether something typed is not on the server yet. */
export function isDirty(s: NoteState): boolean {
  return s.text !== s.savedText
}

export function stepNote(s: NoteState, e: NoteEvent): NoteState {
  switch (e.type) {
    case 'typed':
      return { ...s, text: e.text }
    case 'sent':
      return { ...s, sending: s.text }
    case 'saved':
      if (s.sending === null) return s
      return {
        ...s, revision: e.revision, savedAt: e.savedAt, savedText: s.sending, sending: null, failed: false, conflict: null,
      }
    case 'failed':
      return { ...s, sending: null, failed: true }
    case 'stale':
      // Our own save may have arrived although its answer was lost: the same text is no conflict.
      if (e.server.text === s.text || e.server.text === s.sending) return adopt({ ...s, sending: null }, e.server)
      return { ...s, sending: null, failed: false, conflict: { text: e.server.text, revision: e.server.revision } }
    case 'server':
      // Older than what we know, or the echo of our own save.
      if (e.note.revision <= s.revision || s.sending !== null) return s
      if (isDirty(s)) {
        return e.note.text === s.text
          ? adopt(s, e.note)
          : { ...s, conflict: { text: e.note.text, revision: e.note.revision } }
      }
      return adopt({ ...s, text: e.note.text }, e.note)
    case 'keep-mine':
      return s.conflict ? { ...s, revision: s.conflict.revision, savedText: s.conflict.text, conflict: null } : s
    case 'take-theirs':
      return s.conflict
        ? { ...s, text: s.conflict.text, savedText: s.conflict.text, revision: s.conflict.revision, conflict: null }
        : s
  }
}

function adopt(s: NoteState, server: { text: string; revision: number; saved_at: string | null }): NoteState {
  return { ...s, revision: server.revision, savedText: server.text, savedAt: server.saved_at, failed: false, conflict: null }
}

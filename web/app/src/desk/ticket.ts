import type { Candidate, NewTicket, Pop } from '../api/schema'

/** What the agent has filled in for one call; lives as long as the call's draft, not as long as a component. */
export interface TicketForm {
  category: string | null
  severity: number
  /** The agent chose the severity; a change of category then leaves it alone. */
  severityTouched: boolean
  description: string
  propertyId: string | null
  promiseOn: string | null
  promiseText: string
}

export const emptyForm: TicketForm = {
  category: null, severity: 1, severityTouched: false, description: '', propertyId: null, promiseOn: null, promiseText: '',
}

/** Whether closing the form would lose something that a person typed or chose. */
export function isStarted(form: TicketForm): boolean {
  return form.category !== null || form.description.trim() !== '' || form.promiseOn !== null || form.promiseText.trim() !== ''
}

export type FormError = 'category' | 'description' | 'promise'

/** What keeps the form from being sent. A promise needs both its day and its words. */
export function check(form: TicketForm): FormError[] {
  const errors: FormError[] = []
  if (!form.category) errors.push('category')
  const n = [...form.description.trim()].length
  if (n < 1 || n > 4000) errors.push('description')
  if ((form.promiseOn === null) !== (form.promiseText.trim() === '')) errors.push('promise')
  return errors
}

export function toRequest(form: TicketForm, callId: string, customerId: string | null): NewTicket {
  const request: NewTicket = {
    call_id: callId, category: form.category ?? '', severity: form.severity, description: form.description.trim(),
  }
  if (customerId) request.customer_id = customerId
  if (form.propertyId) request.property_id = form.propertyId
  if (form.promiseOn && form.promiseText.trim()) {
    request.promise = { due_on: form.promiseOn, text: form.promiseText.trim() }
  }
  return request
}

/** One attempt to create a ticket: the body it was made for and its Idempotency-Key. */
export interface Attempt {
  key: string
  body: string
}

/**
 * The key for the next attempt. While the fate of an attempt is unknown its key is kept, whatever has been changed in
 * the form since: if the first one did arrive, the server says so instead of making a second ticket.
 */
export function nextAttempt(last: Attempt | null, body: string, newKey: () => string): Attempt {
  return { key: last?.key ?? newKey(), body }
}

/** The candidate that stands for the caller: the one chosen by the agent, else the first, unless nobody matched. */
export function chosenCandidate(pop: Pop | null, chosen: string | null): Candidate | null {
  if (!pop) return null
  return pop.candidates.find((c) => c.customer_id === chosen) ?? pop.candidates[0] ?? null
}

/** The home to preset: the only one of the chosen caller, else none. */
export function presetProperty(candidate: Candidate | null): string | null {
  return candidate?.properties.length === 1 ? (candidate.properties[0]?.id ?? null) : null
}

/** A random UUID. crypto.randomUUID exists only in secure contexts; a test machine reached by plain http has none. */
export function uuid(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const b = crypto.getRandomValues(new Uint8Array(16))
  b[6] = ((b[6] ?? 0) & 0x0f) | 0x40
  b[8] = ((b[8] ?? 0) & 0x3f) | 0x80
  const hex = [...b].map((x) => x.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

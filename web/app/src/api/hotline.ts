import { send } from './client'
import type {
  AwayReason, CallDetail, CallSummary, Category, Desk, Device, Floor, Me, NewTicket, Page, PhoneAccount, Ticket,
  TicketSummary,
} from './schema'

// One function for each operation that the pages use.

export const signIn = (username: string, password: string) => send<Me>('POST', '/session', { username, password })
export const signOut = () => send<void>('DELETE', '/session')
export const me = () => send<Me>('GET', '/me')
export const phoneAccount = () => send<PhoneAccount>('GET', '/me/phone')

export const desk = () => send<Desk>('GET', '/me/desk')
export const ready = (version: number, device: Device) =>
  send<Desk>('POST', '/me/desk/actions/ready', { version, device })
export const away = (version: number, reason: AwayReason) =>
  send<Desk>('POST', '/me/desk/actions/away', { version, reason })
export const offline = (version: number) => send<Desk>('POST', '/me/desk/actions/offline', { version })
export const finishWrapUp = (version: number) => send<Desk>('POST', '/me/desk/actions/finish-wrap-up', { version })
export const extendWrapUp = (version: number) => send<Desk>('POST', '/me/desk/actions/extend-wrap-up', { version })

export const calls = (limit: number, cursor?: string) =>
  send<Page<CallSummary>>('GET', `/calls?limit=${limit}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`)
export const call = (id: string) => send<CallDetail>('GET', `/calls/${id}`)
export const popShown = (id: string, attempt: number) =>
  send<void>('POST', `/calls/${id}/actions/pop-shown`, { attempt })
export const reject = (id: string, attempt: number) => send<void>('POST', `/calls/${id}/actions/reject`, { attempt })
export const hangUp = (id: string) => send<void>('POST', `/calls/${id}/actions/hang-up`, {})
export const hold = (id: string) => send<void>('POST', `/calls/${id}/actions/hold`, {})
export const retrieve = (id: string) => send<void>('POST', `/calls/${id}/actions/retrieve`, {})
export const recall = (id: string) => send<void>('POST', `/calls/${id}/actions/recall`, {})
export const revealNumber = (id: string, reason: string) =>
  send<{ number: string }>('POST', `/calls/${id}/actions/reveal-number`, { reason })
export const saveNote = (id: string, text: string, revision: number, keepalive = false) =>
  send<{ revision: number; saved_at: string }>('PUT', `/calls/${id}/note`, { text, revision }, { keepalive })

export const categories = () => send<{ items: Category[] }>('GET', '/categories')
export const createTicket = (ticket: NewTicket, idempotencyKey: string) =>
  send<Ticket>('POST', '/tickets', ticket, { headers: { 'Idempotency-Key': idempotencyKey } })
export const tickets = (customerId: string) =>
  send<Page<TicketSummary>>('GET', `/tickets?status=all&customer_id=${encodeURIComponent(customerId)}&limit=50`)

export const floor = () => send<Floor>('GET', '/live')

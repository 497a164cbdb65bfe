// The shapes of the HTTP and WebSocket contract under /api/v1, as the pages read them: types only. contract.ts checks
// them against the server's own description. Times are RFC 3339 with an offset; ids are UUID strings, except
// queues, categories and roles, which are short text ids.

/** An enum of the contract: known words are listed for the compiler, an unknown one must still be shown somehow. */
export type Open<T extends string> = T | (string & Record<never, never>)

export type Device = 'browser' | 'desk_phone'
export type AgentState = Open<'offline' | 'away' | 'ready' | 'reserved' | 'ringing' | 'talking' | 'wrap_up'>
export type AwayReason = Open<
  'break' | 'meal' | 'training' | 'meeting' | 'other' | 'missed' | 'rejected' | 'unreachable' | 'lost'
>
export type Outcome = Open<'in_progress' | 'answered' | 'abandoned' | 'voicemail' | 'menu_hangup' | 'failed'>
export type Permission =
  | 'desk:use'
  | 'ticket:write'
  | 'ticket:read'
  | 'call:read'
  | 'call:read-all'
  | 'customer:read'
  | 'number:reveal'
  | 'live:view'
  | 'user:admin'

export interface Problem {
  type: string
  title: string
  status: number
  detail?: string
  instance?: string
  errors?: { pointer?: string; location?: string; message: string }[]
}

export interface Me {
  id: string
  username: string
  name: string
  roles: string[]
  permissions: string[]
  extension: string | null
  locale: string
}

export interface PhoneAccount {
  uri: string
  username: string
  password: string
  socket: string
  session_timers: boolean
}

export interface NextState {
  state: AgentState
  reason: AwayReason | null
}

export interface DeskAgent {
  id: string
  name: string
  extension: string
  state: AgentState
  reason: AwayReason | null
  since: string
  version: number
  device: Open<Device> | null
  next: NextState | null
  wrap_up_until: string | null
  missed: number
}

export interface DeskCall {
  id: string
  attempt: number
  phase: Open<'offered' | 'ringing' | 'talking' | 'recalling' | 'ended'>
  queue: string
  queue_name: string
  called: string
  menu_key: string | null
  emergency: boolean
  arrived_at: string
  queued_at: string
  offered_at: string
  ring_until: string | null
  answered_at: string | null
  ended_at: string | null
  held: boolean
  held_since: string | null
  wait_seconds: number
  recording: boolean
  why: string | null
}

export interface Note {
  text: string
  revision: number
  saved_at: string | null
}

export interface Desk {
  agent: DeskAgent
  call: DeskCall | null
  pop: Pop | null
  note: Note | null
  queue: { waiting: number; longest_since: string | null }
  today: { handled: number }
}

export interface PropertyLine {
  id: string
  label: string
  role: Open<'owner' | 'family' | 'tenant'>
  delivered_on: string | null
  contract_no: string | null
}

export interface Candidate {
  customer_id: string
  name: string
  tier: string | null
  tags: string[]
  role: Open<'owner' | 'family' | 'tenant'> | null
  reason: string
  properties: PropertyLine[]
}

export interface PopPromise {
  ticket_id: string
  ticket_number: number
  text: string
  due_on: string
  overdue: boolean
}

export interface Pop {
  call_id: string
  number_masked: string
  number_kind: Open<'mobile' | 'fixed' | 'short' | 'anonymous' | 'other'>
  match: Open<'one' | 'several' | 'none'>
  candidates: Candidate[]
  open_tickets: TicketSummary[]
  recent_calls: CallSummary[]
  promises: PopPromise[]
}

export interface TicketSummary {
  id: string
  number: number
  category: string
  category_label: string
  type: string
  severity: number
  status: Open<'open' | 'closed'>
  opened_at: string
  due_at: string | null
  overdue: boolean
  department: string
  customer_id: string | null
  customer_name: string | null
  property_label: string | null
}

export interface Ticket extends TicketSummary {
  description: string
  call_id: string | null
  created_by_name: string
  promise: { due_on: string; text: string } | null
}

export interface NewTicket {
  call_id?: string
  customer_id?: string
  property_id?: string
  category: string
  severity?: number
  description: string
  promise?: { due_on: string; text: string }
}

export interface CallSummary {
  id: string
  arrived_at: string
  number_masked: string
  customer_name: string | null
  queue: string | null
  queue_name: string | null
  menu_key: string | null
  outcome: Outcome
  agent_name: string | null
  wait_seconds: number | null
  talk_seconds: number | null
  ended_at: string | null
  score: number | null
  recorded: boolean
  ticket_numbers: number[]
}

export interface CallEvent {
  seq: number
  at: string
  type: string
  summary: string
}

export interface CallDetail extends CallSummary {
  events: CallEvent[]
  tickets: TicketSummary[]
  note: Note | null
}

export interface Category {
  code: string
  type: string
  level1: string
  level2: string
  level3: string
  default_severity: number
  default_department: string
  emergency: boolean
  warranty_key: string
  en: string
}

export interface Page<T> {
  items: T[]
  next: string | null
}

export interface FloorWaiting {
  call_id: string
  queue: string
  queue_name: string
  priority: number
  position: number
  entered_at: string
  number_masked: string
  customer_name: string | null
  menu_key: string | null
  offered_to: string | null
}

export interface FloorAgent {
  id: string
  name: string
  extension: string
  state: AgentState
  reason: AwayReason | null
  since: string
  connected: boolean
  device: Open<Device> | null
  next: NextState | null
  call: { id: string; queue_name: string; customer_name: string | null; number_masked: string } | null
}

export interface FloorQueue {
  id: string
  name: string
  waiting: number
  longest_since: string | null
  ready: number
  talking: number
  wrap_up: number
  away: number
}

export interface FloorToday {
  offered: number
  answered: number
  abandoned: number
  short_abandoned: number
  voicemail: number
  answered_in_target: number
  target_seconds: number
  sl_all: number | null
  n_seconds: number
  answered_in_n: number
  n_seconds_rate: number | null
  average_wait_seconds: number | null
  survey: { offered: number; answered: number; top2: number; average: number | null }
}

export interface Floor {
  at: string
  waiting: FloorWaiting[]
  agents: FloorAgent[]
  queues: FloorQueue[]
  today: FloorToday
}

/** Frames of the WebSocket. A stream name that is not listed here is ignored. */
export type Frame =
  | { stream: 'clock'; at: string }
  | { stream: 'desk'; epoch: string; offset: number; at: string; data: Desk }
  | { stream: 'floor'; epoch: string; offset: number; at: string; data: Floor }
  | { stream: 'calls'; epoch: string; offset: number; at: string; data: { call_id: string } }

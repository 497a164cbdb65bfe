// Types only: the compiler refuses to build the pages when what the server's description promises is no longer what they
// read. openapi.d.ts is generated from ../../openapi.yaml by `npm run generate`.
import type { components } from './openapi'
import type {
  CallDetail, CallSummary, Category, Desk, Floor, Me, NewTicket, Note, Page, PhoneAccount, Pop, Problem, Ticket, TicketSummary,
} from './schema'

type Server = components['schemas']

/** Only compiles when a value that the server sends can be read as what the page expects. */
type Reads<Expected, Sent extends Expected> = [Expected, Sent]

export type Answers = [
  Reads<Me, Server['Me']>,
  Reads<PhoneAccount, Server['PhoneAccount']>,
  Reads<Desk, Server['DeskView']>,
  Reads<Pop, Server['Pop']>,
  Reads<Note, Server['Note']>,
  Reads<CallSummary, Server['CallSummary']>,
  Reads<CallDetail, Server['CallDetail']>,
  Reads<Page<CallSummary>, Server['CallsOutputBody']>,
  Reads<Ticket, Server['Ticket']>,
  Reads<Page<TicketSummary>, Server['TicketsOutputBody']>,
  Reads<{ items: Category[] }, Server['CategoriesBody']>,
  Reads<Floor, Server['FloorView']>,
  Reads<Problem, Server['Problem']>,
  // And the other way: what the page sends.
  Reads<Server['NewTicketInputBody'], NewTicket>,
]

// Words for the enums of the contract. A value that this page does not know is shown as the server wrote it.
import { i18n } from '../i18n'

type Translate = (key: string) => string

function word(t: Translate, group: string, value: string): string {
  const key = `${group}.${value}`
  return i18n.global.te(key) || i18n.global.te(key, 'zh-CN') ? t(key) : value
}

export const stateName = (t: Translate, state: string) => word(t, 'state', state)
export const awayReason = (t: Translate, reason: string) => word(t, 'reason', reason)
export const outcomeName = (t: Translate, outcome: string) => word(t, 'outcome', outcome)
export const roleName = (t: Translate, role: string) => word(t, 'role', role)
export const matchReason = (t: Translate, reason: string) => word(t, 'match', reason)
export const severityName = (t: Translate, severity: number) => word(t, 'severity', String(severity))
export const menuKeyName = (t: Translate, key: string) => word(t, 'menu_key', key)

/** The state to show with an agent: away tells its reason, and a lost connection is its own kind. */
export function stateWord(t: Translate, state: string, reason: string | null): string {
  return state === 'away' && reason ? awayReason(t, reason) : stateName(t, state)
}

/** The colour class of a state; unknown states are grey. */
export function stateClass(state: string, reason: string | null): string {
  if (state === 'away' && reason === 'lost') return 'lost'
  if (state === 'reserved') return 'ringing'
  return ['ready', 'ringing', 'talking', 'wrap_up'].includes(state) ? state.replace('_', '-') : 'away'
}

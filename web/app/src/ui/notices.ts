import { defineStore } from 'pinia'
import { ref } from 'vue'
import { NoAnswer, Refusal } from '../api/client'
import { i18n } from '../i18n'

export interface Notice {
  id: number
  kind: 'good' | 'bad'
  text: string
}

/** What to tell a person about an error: the server's own words where it spoke. */
export function explain(error: unknown): string {
  const t = i18n.global.t
  if (error instanceof Refusal) {
    const { title, detail } = error.problem
    const retry = error.retryAfter !== null && error.retryAfter > 0 ? t('error.retry_after', { s: error.retryAfter }) : ''
    return [detail && detail !== title ? t('error.with_detail', { title, detail }) : title, retry].filter(Boolean).join(' ')
  }
  if (error instanceof NoAnswer) return t('error.no_answer')
  return t('error.unexpected')
}

/** Short messages at the bottom of the page. They never take the focus and go by themselves. */
export const useNotices = defineStore('notices', () => {
  const items = ref<Notice[]>([])
  let next = 0

  function say(kind: Notice['kind'], text: string): void {
    const id = ++next
    items.value = [...items.value.filter((n) => n.text !== text), { id, kind, text }].slice(-3)
    setTimeout(() => dismiss(id), kind === 'bad' ? 8_000 : 4_000)
  }

  function dismiss(id: number): void {
    items.value = items.value.filter((n) => n.id !== id)
  }

  /** Runs a command of the person's and says what went wrong, if anything did. */
  async function attempt(run: () => Promise<unknown>): Promise<boolean> {
    try {
      await run()
      return true
    } catch (error) {
      say('bad', explain(error))
      return false
    }
  }

  return { items, say, dismiss, attempt }
})

import { onBeforeUnmount, ref, shallowRef, type Ref, type ShallowRef } from 'vue'

export interface Resource<T> {
  data: ShallowRef<T | null>
  error: Ref<unknown>
  /** True once loading has taken 300 ms: the moment to show a skeleton, not before. */
  slow: Ref<boolean>
  load(): Promise<void>
}

/** Something read from the server. A second load supersedes the first; a failure keeps what was shown before. */
export function useResource<T>(read: () => Promise<T>): Resource<T> {
  const data = shallowRef<T | null>(null)
  const error = ref<unknown>(null)
  const slow = ref(false)
  let turn = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function load(): Promise<void> {
    const mine = ++turn
    clearTimeout(timer)
    timer = setTimeout(() => (slow.value = true), 300)
    try {
      const answer = await read()
      if (mine !== turn) return
      data.value = answer
      error.value = null
    } catch (e) {
      if (mine === turn) error.value = e
    } finally {
      if (mine === turn) {
        clearTimeout(timer)
        slow.value = false
      }
    }
  }

  onBeforeUnmount(() => {
    turn++
    clearTimeout(timer)
  })
  return { data, error, slow, load }
}

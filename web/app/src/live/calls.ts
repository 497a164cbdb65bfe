import { defineStore } from 'pinia'
import { ref } from 'vue'

/** Ended calls: lists that show calls watch `count` and read again. */
export const useCallsStream = defineStore('calls', () => {
  const count = ref(0)
  const last = ref<string | null>(null)

  function take(callId: string): void {
    last.value = callId
    count.value++
  }

  return { count, last, take }
})

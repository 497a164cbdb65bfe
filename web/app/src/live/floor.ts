import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { Floor } from '../api/schema'

/** The live floor: who waits, who works. Bursts are applied once per animation frame; only the last state counts. */
export const useFloor = defineStore('floor', () => {
  const floor = shallowRef<Floor | null>(null)
  let newest: Floor | null = null
  let scheduled = false

  function take(next: Floor): void {
    newest = next
    if (document.hidden) {
      floor.value = next // no animation frames in a hidden page
      return
    }
    if (scheduled) return
    scheduled = true
    requestAnimationFrame(() => {
      scheduled = false
      floor.value = newest
    })
  }

  function clear(): void {
    floor.value = newest = null
  }

  return { floor, take, clear }
})

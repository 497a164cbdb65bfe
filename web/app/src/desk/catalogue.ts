import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import * as api from '../api/hotline'
import type { Category } from '../api/schema'
import { i18n } from '../i18n'
import { categoryTree } from './categories'

/** The category catalogue, read once per page load; the browser's own cache asks again by ETag. */
export const useCatalogue = defineStore('catalogue', () => {
  const items = shallowRef<Category[]>([])
  const error = ref(false)
  const byCode = computed(() => new Map(items.value.map((c) => [c.code, c])))
  const tree = computed(() => categoryTree(items.value, i18n.global.locale.value))
  let loading: Promise<void> | null = null

  function load(): Promise<void> {
    if (items.value.length > 0) return Promise.resolve()
    loading ??= api
      .categories()
      .then((answer) => {
        items.value = answer.items
        error.value = false
      })
      .catch(() => {
        error.value = true
      })
      .finally(() => (loading = null))
    return loading
  }

  return { items, error, byCode, tree, load }
})

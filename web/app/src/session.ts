import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { Refusal } from './api/client'
import * as api from './api/hotline'
import type { Me, Permission } from './api/schema'

/** Who is signed in and what they may do. Pages are allowed by permission, never by a role's name. */
export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)
  /** Set when a session ended by itself, so that the login page can say so. */
  const expired = ref(false)
  let asked: Promise<void> | null = null

  /** Asks once per page load who we are; throws NoAnswer when the server is away. */
  function load(): Promise<void> {
    asked ??= api
      .me()
      .then((answer) => {
        me.value = answer
      })
      .catch((error: unknown) => {
        if (error instanceof Refusal && error.status === 401) return
        asked = null
        throw error
      })
    return asked
  }

  async function signIn(username: string, password: string): Promise<void> {
    me.value = await api.signIn(username, password)
    expired.value = false
  }

  async function signOut(): Promise<void> {
    await api.signOut()
    me.value = null
  }

  function end(): void {
    if (me.value) expired.value = true
    me.value = null
  }

  const may = (permission: Permission) => me.value?.permissions.includes(permission) ?? false
  const home = computed(() => (may('desk:use') ? '/desk' : may('live:view') ? '/live' : '/forbidden'))

  return { me, expired, load, signIn, signOut, end, may, home }
})

import { createRouter, createWebHistory, type Router } from 'vue-router'
import type { Permission } from './api/schema'
import LoginPage from './pages/LoginPage.vue'
import type { useSession } from './session'

declare module 'vue-router' {
  interface RouteMeta {
    /** Reachable without a session, and shown without the frame of the application. */
    open?: boolean
    permission?: Permission
  }
}

export function makeRouter(session: ReturnType<typeof useSession>): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes: [
      { path: '/', name: 'home', component: { render: () => null } },
      { path: '/login', name: 'login', component: LoginPage, meta: { open: true } },
      { path: '/unavailable', name: 'unavailable', component: () => import('./pages/UnavailablePage.vue'), meta: { open: true } },
      { path: '/desk', name: 'desk', component: () => import('./pages/DeskPage.vue'), meta: { permission: 'desk:use' } },
      { path: '/live', name: 'live', component: () => import('./pages/LivePage.vue'), meta: { permission: 'live:view' } },
      {
        path: '/calls/:id', name: 'call', component: () => import('./pages/CallPage.vue'), props: true,
        meta: { permission: 'call:read' },
      },
      { path: '/forbidden', name: 'forbidden', component: () => import('./pages/ForbiddenPage.vue') },
      { path: '/:path(.*)*', name: 'not-found', component: () => import('./pages/NotFoundPage.vue') },
    ],
  })

  router.beforeEach(async (to) => {
    if (to.meta.open) return true
    if (!session.me) {
      try {
        await session.load()
      } catch {
        return { name: 'unavailable', query: { to: to.fullPath } }
      }
    }
    if (!session.me) return { name: 'login', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
    if (to.path === '/') return session.home
    if (to.meta.permission && !session.may(to.meta.permission)) {
      return { name: 'forbidden', query: { permission: to.meta.permission }, replace: true }
    }
    return true
  })

  return router
}

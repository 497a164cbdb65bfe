import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { configure } from './api/client'
import { currentLocale, i18n, setLocale, storedLocale } from './i18n'
import { installKeys } from './keys/use'
import { makeRouter } from './router'
import { useSession } from './session'
import './theme/tokens.css'
import './theme/base.css'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)
const session = useSession()
configure({ language: currentLocale, signedOut: () => session.end() })
app.use(makeRouter(session))
installKeys()

const stored = storedLocale()
void (stored ? setLocale(stored, false) : Promise.resolve()).finally(() => app.mount('#app'))

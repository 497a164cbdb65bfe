import { createI18n } from 'vue-i18n'
import zh from './zh-CN.json'

export type Locale = 'zh-CN' | 'en'
const key = 'hotline.locale'

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN' as string,
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zh } as Record<string, typeof zh>,
})

export function currentLocale(): Locale {
  return i18n.global.locale.value === 'en' ? 'en' : 'zh-CN'
}

export function storedLocale(): Locale | null {
  const value = localStorage.getItem(key)
  return value === 'en' || value === 'zh-CN' ? value : null
}

/** Switches the language of the page; English is loaded when it is first asked for. */
export async function setLocale(locale: Locale, remember = true): Promise<void> {
  if (locale === 'en' && !i18n.global.availableLocales.includes('en')) {
    i18n.global.setLocaleMessage('en', (await import('./en.json')).default)
  }
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
  document.title = i18n.global.t('brand')
  if (remember) localStorage.setItem(key, locale)
}

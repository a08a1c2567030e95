import { createContext, use } from 'react'
import { en, type Words } from './en.ts'
import { fr } from './fr.ts'

export type Language = 'en' | 'fr'

const key = 'manufacture.language'

/** The reader's own choice, else the browser's first language of the two. */
export function firstLanguage(): Language {
  const chosen = localStorage.getItem(key)
  if (chosen === 'en' || chosen === 'fr') return chosen
  const known = navigator.languages
    .map((tag) => tag.slice(0, 2).toLowerCase())
    .find((tag) => tag === 'fr' || tag === 'en')
  return known === 'fr' ? 'fr' : 'en'
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(key, language)
  document.documentElement.lang = language
}

export const dictionaries: Record<Language, Words> = { en, fr }

export const LanguageContext = createContext<Language>('en')

export function useLanguage(): Language {
  return use(LanguageContext)
}

export function useWords(): Words {
  return dictionaries[useLanguage()]
}

import { en, type Messages } from './en.ts'
import { fr } from './fr.ts'

export type Language = 'en' | 'fr'

/** The language of the terminal, by POSIX precedence: LC_ALL, LC_MESSAGES, LANG. */
export function languageOf(environment: NodeJS.ProcessEnv): Language {
  const locale = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || ''
  return /^fr([_.@-]|$)/i.test(locale) ? 'fr' : 'en'
}

export const language = languageOf(process.env)
export const say: Messages = language === 'fr' ? fr : en

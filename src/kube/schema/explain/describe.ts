import type { Language } from '../contract.ts'
import { en } from './en.ts'
import { fr } from './fr.ts'

const texts: Readonly<Record<Language, Readonly<Record<string, string>>>> = { en, fr }

/**
 * Our own short words on a type (`PodSpec`) or on one of its fields, where we have some: those that learners meet.
 */
export function describe(definition: string, field: string | undefined, language: Language): string | undefined {
  const type = definition.slice(definition.lastIndexOf('.') + 1)
  if (field === undefined) return texts[language][type]
  return texts[language][`${type}.${field}`] ?? common(type, field, language)
}

/** Fields that every kind has are described once. */
function common(type: string, field: string, language: Language): string | undefined {
  if (field === 'apiVersion' || field === 'kind') return texts[language][`*.${field}`]
  if (field !== 'metadata' && field !== 'items') return undefined
  return texts[language][type.endsWith('List') && field === 'metadata' ? '*.listMetadata' : `*.${field}`]
}

import { badRequest } from '../http/docker-error.ts'

/** Reads an OCI platform written as JSON; gives `os/architecture[/variant]`. */
export function readPlatform(text: string): string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw badRequest(`failed to parse platform: ${error instanceof Error ? error.message : String(error)}`)
  }
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const field = (name: string) => (typeof fields[name] === 'string' ? fields[name] : '')
  const os = field('os')
  const architecture = field('architecture')
  const variant = field('variant')
  if (os === '' && architecture === '' && variant !== '') {
    throw badRequest('optional platform fields provided, but OS and Architecture are missing')
  }
  if (os === '' || architecture === '') throw badRequest('both OS and Architecture must be provided')
  return [os, architecture, variant].filter((part) => part !== '').join('/')
}

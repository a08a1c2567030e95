import { createServer } from 'node:net'
import type { Variable } from '../lesson/format.ts'

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)))
  })
}

async function anyFree(): Promise<number> {
  const server = createServer()
  return await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '0.0.0.0', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

async function chosenValue(variable: Variable, random: () => number): Promise<string> {
  if ('value' in variable) return variable.value
  if ('choice' in variable) return variable.choice[Math.floor(random() * variable.choice.length)] ?? ''
  const preferred = variable.port.prefer
  return String(preferred !== undefined && (await isFree(preferred)) ? preferred : await anyFree())
}

/** Chosen when a lesson starts, kept until it is reset. */
export async function chooseVariables(
  variables: Readonly<Record<string, Variable>> | undefined,
  random: () => number = Math.random,
): Promise<Record<string, string>> {
  const chosen: Record<string, string> = {}
  for (const [name, variable] of Object.entries(variables ?? {})) chosen[name] = await chosenValue(variable, random)
  return chosen
}

/** `${NAME}` in a text; a name that is no variable of the lesson is left for the shell. */
export function substitute(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{([A-Z][A-Z0-9_]*)\}/g, (whole, name: string) => values[name] ?? whole)
}

/** The same in every string of a value. */
export function substituteIn<T>(value: T, values: Readonly<Record<string, string>>): T {
  if (typeof value === 'string') return substitute(value, values) as T
  if (Array.isArray(value)) return value.map((item) => substituteIn(item, values)) as T
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).map(([name, item]) => [substitute(name, values), substituteIn(item, values)])
  return Object.fromEntries(entries) as T
}

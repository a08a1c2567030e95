import { trimSpaceLeft } from './characters.ts'
import type { Directive } from './syntax.ts'
import { fault } from './syntax-error.ts'

const names: ReadonlySet<string> = new Set(['syntax', 'escape', 'check'])
const assignment = /^([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/

/** `# name=value` lines above everything else. The first line that is none ends them. */
export class DirectiveReader {
  readonly found: Directive[] = []
  #done = false
  readonly #prefix: string

  constructor(prefix = '#') {
    this.#prefix = prefix
  }

  read(text: string, line: number): Directive | undefined {
    if (this.#done) return undefined
    const match = text.startsWith(this.#prefix) ? assignment.exec(trimSpaceLeft(text.slice(this.#prefix.length))) : null
    const name = match?.[1]?.toLowerCase()
    if (!match || !isDirective(name)) {
      this.#done = true
      return undefined
    }
    if (this.found.some((directive) => directive.name === name))
      throw fault(`only one ${name} parser directive can be used`, { token: match[1] })
    const directive: Directive = { name, value: match[2] ?? '', line }
    this.found.push(directive)
    return directive
  }
}

function isDirective(name: string | undefined): name is Directive['name'] {
  return name !== undefined && names.has(name)
}

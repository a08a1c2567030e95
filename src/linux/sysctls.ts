import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Kernel settings of the host that are changed for a while: the old values are kept in a file until they are restored. */
export class Sysctls {
  readonly #file: string

  constructor(runtimeDir: string) {
    mkdirSync(runtimeDir, { recursive: true })
    this.#file = join(runtimeDir, 'sysctls.json')
  }

  /** `name` is a path below /proc/sys. */
  set(name: string, value: string): void {
    const path = join('/proc/sys', name)
    const before = readFileSync(path, 'utf8').trim()
    if (before === value) return
    const kept = this.#kept()
    kept[name] ??= before
    writeFileSync(this.#file, JSON.stringify(kept))
    writeFileSync(path, value)
  }

  restore(): void {
    for (const [name, value] of Object.entries(this.#kept())) {
      const path = join('/proc/sys', name)
      if (existsSync(path)) writeFileSync(path, value)
    }
    rmSync(this.#file, { force: true })
  }

  #kept(): Record<string, string> {
    if (!existsSync(this.#file)) return {}
    const kept: unknown = JSON.parse(readFileSync(this.#file, 'utf8'))
    if (typeof kept !== 'object' || kept === null)
      throw new Error(`Cannot read the kept kernel settings (${this.#file})`)
    return Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, String(value)]))
  }
}

import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

/** The Node that the launcher brings runs on any Debian; the one that runs us may be another distribution's. */
export function ownNode(): string {
  const brought = join(import.meta.dirname, '../../../runtime/node_modules', `node-linux-${process.arch}`, 'bin/node')
  return existsSync(brought) ? brought : process.execPath
}

/**
 * The folder of this machine's npm, if it is npm as its makers ship it: with all that it needs inside. Distributions that
 * take it apart have its dependencies elsewhere.
 */
export function ownNpm(): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const command = join(folder, 'npm')
    if (folder === '' || !existsSync(command)) continue
    const candidate = dirname(dirname(realpathSync(command)))
    const inside = join(candidate, 'node_modules')
    if (existsSync(join(candidate, 'bin/npx-cli.js')) && existsSync(inside) && readdirSync(inside).length > 50)
      return candidate
  }
  return undefined
}

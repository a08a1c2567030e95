import pc from 'picocolors'

const colours = pc.createColors(Boolean(process.stdout.isTTY) && !process.env.NO_COLOR)
const errorColours = pc.createColors(Boolean(process.stderr.isTTY) && !process.env.NO_COLOR)

export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Progress and remarks: on stderr, so that stdout stays what scripts read. */
export function remark(text: string): void {
  process.stderr.write(`${errorColours.dim(text)}\n`)
}

export function printError(message: string, next?: string): void {
  process.stderr.write(`${errorColours.red('manufacture:')} ${message}\n`)
  if (next) process.stderr.write(`  ${errorColours.bold(next)}\n`)
}

export const { bold, dim, green, cyan } = colours

/** Two columns, the first one padded. */
export function printTable(rows: readonly (readonly [string, string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length))
  for (const [name, value] of rows) print(`  ${dim(name.padEnd(width))}  ${value}`)
}

/** Runs `work` with a line that moves on a terminal, and one plain line elsewhere. */
export async function withProgress<T>(text: string, work: () => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) {
    remark(text)
    return await work()
  }
  const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
  let turn = 0
  const draw = () => process.stderr.write(`\r\x1b[K${errorColours.dim(`${frames[turn++ % frames.length]} ${text}`)}`)
  draw()
  const timer = setInterval(draw, 100)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    process.stderr.write('\r\x1b[K')
  }
}

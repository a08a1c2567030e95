import { goQuote } from './characters.ts'
import { readFlags } from './flags.ts'
import { parseDuration, parseInteger32 } from './go-values.ts'
import type { Healthcheck, Node } from './syntax.ts'
import { fault } from './syntax-error.ts'

const nanosecondsPerMillisecond = 1e6

export function parseHealthcheck(node: Node): Healthcheck {
  const [first, ...command] = node.args
  if (first === undefined)
    throw fault('HEALTHCHECK requires at least one argument', {
      expected: 'HEALTHCHECK CMD <command> or HEALTHCHECK NONE',
    })
  const type = first.toUpperCase()
  const inherit = { interval: 0, timeout: 0, startPeriod: 0, startInterval: 0, retries: 0 }
  if (type === 'NONE') {
    if (command.length > 0) throw fault('HEALTHCHECK NONE takes no arguments', { token: command[0] })
    return { test: ['NONE'], ...inherit }
  }
  const flags = readFlags(node.flags, {
    interval: 'string',
    timeout: 'string',
    'start-period': 'string',
    'start-interval': 'string',
    retries: 'string',
  })
  if (type !== 'CMD')
    throw fault(`Unknown type ${goQuote(type)} in HEALTHCHECK (try CMD)`, { token: first, expected: 'CMD or NONE' })
  if (command.length === 0)
    throw fault('Missing command after HEALTHCHECK CMD', { token: first, expected: 'a command' })
  const interval = (name: string): number => {
    const text = flags.text(name)
    const duration = text === '' ? 0 : parseDuration(text)
    if (duration !== 0 && duration < nanosecondsPerMillisecond)
      throw fault(`Interval ${goQuote(name)} cannot be less than 1ms`, { token: `--${name}` })
    return duration
  }
  const retries = flags.text('retries')
  const health = {
    test: node.json ? ['CMD', ...command] : ['CMD-SHELL', command.join(' ')],
    interval: interval('interval'),
    timeout: interval('timeout'),
    startPeriod: interval('start-period'),
    startInterval: interval('start-interval'),
    retries: retries === '' ? 0 : parseInteger32(retries),
  }
  if (health.retries < 0) throw fault(`--retries cannot be negative (${health.retries})`, { token: '--retries' })
  return health
}

import { readFileSync } from 'node:fs'
import type { InterfaceCounters } from './contract.ts'

/** /proc/<pid>/net/dev: two lines of heading, then `name: 8 receive columns, 8 transmit columns`. */
export function parseNetDev(text: string): Record<string, InterfaceCounters> {
  const found: Record<string, InterfaceCounters> = {}
  for (const line of text.split('\n').slice(2)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim()
    if (colon < 0 || name === 'lo') continue
    const columns = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number)
    const [rxBytes = 0, rxPackets = 0, rxErrors = 0, rxDropped = 0] = columns
    const [txBytes = 0, txPackets = 0, txErrors = 0, txDropped = 0] = columns.slice(8)
    found[name] = { rxBytes, rxPackets, rxErrors, rxDropped, txBytes, txPackets, txErrors, txDropped }
  }
  return found
}

/** Of the network namespace that the calling thread is in. */
export function interfaceCounters(): Record<string, InterfaceCounters> {
  return parseNetDev(readFileSync('/proc/thread-self/net/dev', 'utf8'))
}

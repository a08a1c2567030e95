import { mkdir } from 'node:fs/promises'
import type { Command } from 'commander'
import { pino } from 'pino'
import { openLibrary } from '../registry/index.ts'
import { say } from './messages/language.ts'
import { print, printTable, withProgress } from './output.ts'
import { instanceCommand, instanceOf, type StateOption } from './state-option.ts'

export function libraryCommand(): Command {
  return instanceCommand(
    'library',
    say.libraryDescription,
    'manufacture library',
    'manufacture library python:3.9 nginx',
    'manufacture library --export /media/usb/library',
  )
    .argument('[names...]', say.libraryNames)
    .option('--export <dir>', say.libraryExport)
    .action(async (names: string[], options: StateOption & { export?: string }) => {
      const dir = instanceOf(options).libraryDir
      await mkdir(dir, { recursive: true })
      await using library = await openLibrary({ dir, log: pino({ level: 'warn' }, pino.destination(2)) })
      if (options.export !== undefined) {
        const target = options.export
        const done = await withProgress(target, () => library.exportTo(target, names.length > 0 ? names : undefined))
        for (const entry of done) print(entry.name)
        return
      }
      for (const name of names) {
        const started = performance.now()
        await withProgress(`${name} …`, () => library.prepare([name]))
        print(say.libraryMade(name, Math.round((performance.now() - started) / 1000)))
      }
      if (names.length === 0) {
        printTable(
          (await library.list()).map((entry) => [`${entry.ready ? '✓' : '·'} ${entry.name}`, entry.tags.join(' ')]),
        )
      }
    })
}

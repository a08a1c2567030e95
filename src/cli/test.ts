import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { exitCodes } from './exit-codes.ts'
import { say } from './messages/language.ts'
import { bold, print } from './output.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = join(root, 'node_modules/.bin')

interface Tally {
  passed: number
  failed: number
  skipped: number
}

interface Stage {
  name: string
  /** Runs the stage, of the test files whose path holds one of the words where there are words. */
  run(words: readonly string[], tally: Tally): Promise<boolean>
}

async function runs(program: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code === 0))
  })
}

function check(name: string, program: string, args: readonly string[]): Stage {
  return {
    name,
    async run(_words, tally) {
      const passed = await runs(join(bin, program), args)
      tally[passed ? 'passed' : 'failed'] += 1
      return passed
    },
  }
}

function vitest(name: string): Stage {
  return {
    name,
    async run(words, tally) {
      const folder = await mkdtemp(join(tmpdir(), 'manufacture-test-'))
      const report = join(folder, 'report.json')
      try {
        const passed = await runs(join(bin, 'vitest'), [
          'run',
          '--project',
          name,
          '--reporter=default',
          '--reporter=json',
          `--outputFile.json=${report}`,
          ...(words.length > 0 ? ['--passWithNoTests', ...words] : []),
        ])
        await count(report, tally)
        return passed
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}

async function count(report: string, tally: Tally): Promise<void> {
  const result = JSON.parse(await readFile(report, 'utf8')) as {
    numPassedTests: number
    numFailedTests: number
    numPendingTests: number
    numTodoTests: number
    numFailedTestSuites: number
  }
  tally.passed += result.numPassedTests
  tally.failed += result.numFailedTests
  tally.skipped += result.numPendingTests + result.numTodoTests
  // A file that does not load has no test to count and is a failure all the same.
  if (result.numFailedTests === 0) tally.failed += result.numFailedTestSuites
}

/** Fast ones first. */
const stages: readonly Stage[] = [
  check('lint', 'biome', ['check', '--error-on-warnings', '.']),
  check('rooms', 'depcruise', ['src', '--config', '.dependency-cruiser.cjs', '--no-progress', '--output-type', 'err']),
  check('types', 'tsc', ['--noEmit']),
  check('page', 'tsc', ['--noEmit', '-p', 'src/web/tsconfig.json']),
  vitest('unit'),
  vitest('blackbox'),
  vitest('browser'),
]

export function testCommand(): Command {
  return new Command('test')
    .description(say.testDescription)
    .argument('[words...]', stages.map((stage) => stage.name).join(', '))
    .addHelpText(
      'after',
      `\n${say.example}:\n  manufacture test\n  manufacture test lint types\n  manufacture test dockerfile`,
    )
    .action(async (words: string[]) => {
      const named = stages.filter((stage) => words.includes(stage.name))
      const fileWords = words.filter((word) => !named.some((stage) => stage.name === word))
      const chosen = named.length > 0 ? named : fileWords.length > 0 ? stages.slice(-3) : stages
      const tally: Tally = { passed: 0, failed: 0, skipped: 0 }
      let good = true
      for (const stage of chosen) {
        print(bold(`▸ ${stage.name}`))
        if (!(await stage.run(fileWords, tally))) good = false
        // What does not type-check is not worth the minutes of the slow stages.
        if (!good && words.length === 0 && stage.name === 'page') break
      }
      if (fileWords.length > 0 && tally.passed + tally.failed === 0) {
        print(say.unknownWords(fileWords.join(' ')))
        good = false
      }
      print(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`)
      process.exitCode = good ? exitCodes.ok : exitCodes.failed
    })
}

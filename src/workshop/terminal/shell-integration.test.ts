import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReportFilter } from './shell-integration.ts'

const report = (command: string, code = 0) => `\u001b]7331;${code};${Buffer.from(command).toString('base64')}\u0007`

test('a report is taken out and told', () => {
  const filter = new ReportFilter()
  expect(filter.take(`before${report('docker ps; echo', 3)}after`)).toEqual({
    text: 'beforeafter',
    commands: [{ command: 'docker ps; echo', exitCode: 3 }],
  })
})

test('however the chunks break, the text and the commands are the same', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => ({ command: text })),
        ),
      ),
      fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
      (parts, sizes) => {
        const plain = parts.filter((part) => typeof part === 'string').join('')
        fc.pre(!plain.includes('\u001b'))
        const stream = parts.map((part) => (typeof part === 'string' ? part : report(part.command))).join('')
        const filter = new ReportFilter()
        let text = ''
        const commands: string[] = []
        for (let at = 0; at < stream.length; ) {
          const size = sizes.next().value
          const taken = filter.take(stream.slice(at, at + size))
          text += taken.text
          commands.push(...taken.commands.map((command) => command.command))
          at += size
        }
        expect(text).toBe(plain)
        expect(commands).toEqual(
          parts.filter((part) => typeof part !== 'string').map((part) => Buffer.from(part.command).toString()),
        )
      },
    ),
  )
})

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * bash tells each finished command line by an escape sequence that no terminal shows: OSC 7331 ; exit code ; command in
 * base64 BEL. The server takes it out of the stream; it is how `ran` checks know what was typed.
 */
const rcfile = `
[ -f ~/.bashrc ] && . ~/.bashrc
__manufacture_told() {
  local code=$?
  local line
  line=$(HISTTIMEFORMAT= builtin history 1 | sed 's/^ *[0-9]* *//')
  local number
  number=$(HISTTIMEFORMAT= builtin history 1 | awk '{print $1}')
  if [ -n "$__manufacture_last" ] && [ "$number" != "$__manufacture_last" ]; then
    printf '\\033]7331;%s;%s\\007' "$code" "$(printf %s "$line" | base64 -w0)"
  fi
  __manufacture_last=\${number:-0}
  return $code
}
HISTCONTROL=
PROMPT_COMMAND="__manufacture_told\${PROMPT_COMMAND:+; $PROMPT_COMMAND}"
PS1='\\[\\e[38;5;173m\\]atelier\\[\\e[0m\\]:\\[\\e[1m\\]\\W\\[\\e[0m\\]$ '
`

export async function writeShellIntegration(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'bashrc')
  await writeFile(path, rcfile)
  return path
}

export interface TypedCommand {
  command: string
  exitCode: number
}

const introducer = '\u001b]7331;'
/** A report longer than this is not one. */
const longestReport = 64 * 1024

/** Takes the reports out of a terminal's output, wherever the chunks break. */
export class ReportFilter {
  #held = ''

  take(chunk: string): { text: string; commands: TypedCommand[] } {
    const commands: TypedCommand[] = []
    let input = this.#held + chunk
    this.#held = ''
    let text = ''
    for (;;) {
      const start = input.indexOf(introducer)
      if (start < 0) break
      const end = input.indexOf('\u0007', start)
      if (end < 0) {
        text += input.slice(0, start)
        input = input.slice(start)
        if (input.length > longestReport) return { text: text + input, commands }
        this.#held = input
        return { text, commands }
      }
      text += input.slice(0, start)
      const [code = '', command = ''] = input.slice(start + introducer.length, end).split(';')
      commands.push({ exitCode: Number(code), command: Buffer.from(command, 'base64').toString() })
      input = input.slice(end + 1)
    }
    // The beginning of an introducer may be the chunk's end.
    for (let length = Math.min(introducer.length - 1, input.length); length > 0; length--) {
      if (input.endsWith(introducer.slice(0, length))) {
        this.#held = input.slice(-length)
        return { text: text + input.slice(0, -length), commands }
      }
    }
    return { text: text + input, commands }
  }
}

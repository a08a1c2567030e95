import type { WebSocket } from 'ws'
import type { Terminals } from '../terminal/terminals.ts'
import type { TerminalDown, TerminalUp } from './protocol.ts'

const longestInput = 2 * 1024 * 1024

function decode(data: string): TerminalUp | undefined {
  if (data.length > longestInput) return undefined
  try {
    const message = JSON.parse(data) as TerminalUp
    return typeof message === 'object' && message !== null ? message : undefined
  } catch {
    // A page of ours sends JSON; whatever else this is, it is not for the shell.
    return undefined
  }
}

/** Joins a page to a terminal; leaving it leaves the shell running. */
export function serveTerminal(socket: WebSocket, terminals: Terminals, id: string): void {
  const terminal = terminals.get(id)
  if (!terminal) {
    socket.close(4404, 'no such terminal')
    return
  }
  const send = (message: TerminalDown) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message))
  }
  send({ kind: 'ready', id, scrollback: terminal.scrollback() })
  const attached = terminal.attach({
    output: (text) => send({ kind: 'output', text }),
    ended: (exitCode) => {
      send({ kind: 'ended', exitCode })
      socket.close(1000)
    },
  })
  socket.on('message', (data) => {
    const message = decode(String(data))
    if (message?.kind === 'input' && typeof message.text === 'string') terminal.write(message.text)
    else if (message?.kind === 'resize') terminal.resize(Number(message.columns) || 80, Number(message.rows) || 24)
    else if (message?.kind === 'drawn') terminal.consumed(Number(message.characters) || 0)
  })
  socket.once('close', () => attached[Symbol.dispose]())
}

import { FitAddon } from '@xterm/addon-fit'
import { Terminal as Xterm } from '@xterm/xterm'
import { useEffect, useRef } from 'react'
import '@xterm/xterm/css/xterm.css'
import type { TerminalDown, TerminalUp } from '../../workshop/server/protocol.ts'
import { useWords } from '../language/language.ts'
import { reconnecting } from '../state/api.ts'
import { toInsert } from '../state/workshop.ts'

const colours = {
  background: '#191613',
  foreground: '#efe7da',
  cursor: '#d98a52',
  cursorAccent: '#191613',
  selectionBackground: '#5b4634',
  black: '#2a2520',
  red: '#e2705f',
  green: '#9bbf74',
  yellow: '#e0b661',
  blue: '#86acd6',
  magenta: '#c795bf',
  cyan: '#83bdb8',
  white: '#e4dbcc',
  brightBlack: '#8c8377',
  brightRed: '#ee8c7d',
  brightGreen: '#b4d492',
  brightYellow: '#edca83',
  brightBlue: '#a5c3e4',
  brightMagenta: '#d8b0d1',
  brightCyan: '#a3d2ce',
  brightWhite: '#fbf5ea',
}

interface Props {
  id: string
  visible: boolean
  screenReader: boolean
  onEnd(): void
}

/** One real terminal: xterm on a WebSocket that comes back with its scroll-back. */
export function TerminalView({ id, visible, screenReader, onEnd }: Props) {
  const words = useWords()
  const element = useRef<HTMLDivElement>(null)
  const terminal = useRef<Xterm>(null)
  const fit = useRef<FitAddon>(null)
  const send = useRef<(message: TerminalUp) => void>(() => undefined)
  const ended = useRef(onEnd)
  ended.current = onEnd

  useEffect(() => {
    const host = element.current
    if (!host) return
    const xterm = new Xterm({
      fontFamily: '"JetBrains Mono Variable", ui-monospace, monospace',
      fontSize: 14,
      lineHeight: 1.15,
      theme: colours,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      scrollback: 5_000,
      allowProposedApi: true,
    })
    const fitting = new FitAddon()
    xterm.loadAddon(fitting)
    xterm.open(host)
    terminal.current = xterm
    fit.current = fitting
    // No trap: Shift+Tab always leaves the terminal, and copying works as in other Linux terminals.
    xterm.attachCustomKeyEventHandler((event) => {
      if (event.key === 'Tab' && event.shiftKey) return false
      if (event.key === 'F6' || event.key === 'F1') return false
      if (event.ctrlKey && event.shiftKey && event.key.toLowerCase() === 'c') {
        if (event.type === 'keydown') void navigator.clipboard.writeText(xterm.getSelection())
        event.preventDefault()
        return false
      }
      return true
    })
    const resize = () => {
      if (host.offsetWidth === 0) return
      fitting.fit()
      send.current({ kind: 'resize', columns: xterm.cols, rows: xterm.rows })
    }
    const observer = new ResizeObserver(resize)
    observer.observe(host)
    const input = xterm.onData((text) => send.current({ kind: 'input', text }))
    const connection = reconnecting(`/api/terminal?id=${id}`, {
      connected(on, raw) {
        send.current = on ? (message) => raw(JSON.stringify(message)) : () => undefined
        if (on) resize()
      },
      message(data) {
        const message = JSON.parse(data) as TerminalDown
        if (message.kind === 'ready') {
          xterm.reset()
          xterm.write(message.scrollback)
        } else if (message.kind === 'output') {
          xterm.write(message.text, () => send.current({ kind: 'drawn', characters: message.text.length }))
        } else ended.current()
      },
    })
    return () => {
      connection.close()
      observer.disconnect()
      input.dispose()
      xterm.dispose()
    }
  }, [id])

  useEffect(() => {
    if (terminal.current) terminal.current.options.screenReaderMode = screenReader
  }, [screenReader])

  useEffect(() => {
    if (!visible) return
    fit.current?.fit()
    terminal.current?.focus()
    let serial = toInsert.get()?.serial ?? 0
    return toInsert.subscribe(() => {
      const wanted = toInsert.get()
      if (!wanted || wanted.serial === serial) return
      serial = wanted.serial
      // Bracketed paste where the shell asks for it: several lines wait for the learner's Enter.
      terminal.current?.paste(wanted.text)
      terminal.current?.focus()
    })
  }, [visible])

  return (
    <div
      ref={element}
      className="xterm-host"
      hidden={!visible}
      data-terminal={id}
      aria-label={`${words.terminal} ${id}. ${words.leaveTerminal}`}
      role="group"
    />
  )
}

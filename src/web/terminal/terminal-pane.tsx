import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { useWords } from '../language/language.ts'
import { call } from '../state/api.ts'

const TerminalView = lazy(() => import('./terminal-view.tsx').then((module) => ({ default: module.TerminalView })))

/** The learner's terminals, in tabs. They live on the server; the page only looks at them. */
export function TerminalPane({ visible }: { visible: boolean }) {
  const words = useWords()
  const [ids, setIds] = useState<string[]>([])
  const [current, setCurrent] = useState<string>()
  const [screenReader, setScreenReader] = useState(false)

  const create = useCallback(async () => {
    const { id } = await call<{ id: string }>('POST', '/api/terminals')
    setIds((before) => (before.includes(id) ? before : [...before, id]))
    setCurrent(id)
  }, [])

  useEffect(() => {
    void (async () => {
      const open = await call<string[]>('GET', '/api/terminals')
      if (open.length === 0) return await create()
      setIds(open)
      setCurrent(open[0])
    })()
  }, [create])

  const ended = (id: string) => {
    const left = ids.filter((one) => one !== id)
    setIds(left)
    if (left.length === 0) void create()
    else if (current === id) setCurrent(left.at(-1))
  }

  return (
    <div className="terminals" hidden={!visible}>
      <div className="tabs" role="toolbar" aria-label={words.terminal}>
        {ids.map((id) => (
          <button key={id} type="button" aria-pressed={id === current} onClick={() => setCurrent(id)}>
            {words.terminal} {id}
          </button>
        ))}
        <button type="button" aria-label={words.newTerminal} onClick={() => void create()}>
          +
        </button>
        <span className="grow" />
        <small className="leave">{words.leaveTerminal}</small>
        <button type="button" aria-pressed={screenReader} onClick={() => setScreenReader(!screenReader)}>
          {words.screenReader}
        </button>
      </div>
      <Suspense fallback={<p className="empty">…</p>}>
        {ids.map((id) => (
          <TerminalView
            key={id}
            id={id}
            visible={visible && id === current}
            screenReader={screenReader}
            onEnd={() => ended(id)}
          />
        ))}
      </Suspense>
    </div>
  )
}

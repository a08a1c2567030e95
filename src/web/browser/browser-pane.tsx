import { useState } from 'react'
import { useWords } from '../language/language.ts'
import { useStore } from '../state/store.ts'
import { lesson } from '../state/workshop.ts'

const local = /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/.*)?$/

/** A browser for the learner's published ports, with its address in sight. */
export function BrowserPane({ visible }: { visible: boolean }) {
  const words = useWords()
  const view = useStore(lesson)
  const [typed, setTyped] = useState<string>()
  const [shown, setShown] = useState<{ url: string; visit: number }>()
  const [refused, setRefused] = useState(false)
  const address = typed ?? `http://localhost:${view?.variables.HOSTPORT ?? '8000'}/`
  const go = () => {
    const url = address.includes('://') ? address : `http://${address}`
    const good = local.test(url)
    setRefused(!good)
    if (good) setShown((before) => ({ url, visit: (before?.visit ?? 0) + 1 }))
  }
  return (
    <div className="browser" hidden={!visible}>
      <form
        className="tabs"
        onSubmit={(event) => {
          event.preventDefault()
          go()
        }}
      >
        <label>
          {words.address}{' '}
          <input
            type="text"
            inputMode="url"
            spellCheck={false}
            value={address}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
        <button type="submit">{words.go}</button>
        {shown && (
          <a href={shown.url} target="_blank" rel="noreferrer">
            {words.openOutside}
          </a>
        )}
      </form>
      {refused && (
        <p className="banner" role="alert">
          {words.onlyLocal}
        </p>
      )}
      {shown && (
        <iframe
          key={shown.visit}
          title={shown.url}
          src={shown.url}
          sandbox="allow-scripts allow-forms allow-same-origin"
          referrerPolicy="no-referrer"
        />
      )}
    </div>
  )
}

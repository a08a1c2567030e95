import { useEffect, useMemo, useRef, useState } from 'react'
import { useWords } from '../language/language.ts'
import { useStore } from '../state/store.ts'
import { lesson, moments, shownMoment } from '../state/workshop.ts'
import { AsList } from './as-list.tsx'
import { captionOf } from './caption.ts'
import { Card, type Selected } from './card.tsx'
import { Drawing } from './drawing.tsx'
import { sceneOf } from './scene.ts'

/** At most one spoken sentence a second; what comes faster is gathered. */
const captionMs = 1_000

function useCaption(): string {
  const words = useWords()
  const all = useStore(moments)
  const [caption, setCaption] = useState('')
  const waiting = useRef<string[]>([])
  const seen = useRef(0)
  useEffect(() => {
    const last = all.at(-1)
    if (!last || last.at <= seen.current) return
    seen.current = last.at
    waiting.current.push(...last.events.map((event) => captionOf(event, words)).filter((text) => text !== undefined))
  }, [all, words])
  useEffect(() => {
    const timer = setInterval(() => {
      if (waiting.current.length === 0) return
      setCaption(waiting.current.splice(0).slice(-3).join(' '))
    }, captionMs)
    return () => clearInterval(timer)
  }, [])
  return caption
}

export function PicturePane() {
  const words = useWords()
  const all = useStore(moments)
  const shown = useStore(shownMoment)
  const view = useStore(lesson)
  const caption = useCaption()
  const [list, setList] = useState(false)
  const [selected, setSelected] = useState<Selected>()
  const index = shown === undefined ? all.length - 1 : Math.min(shown, all.length - 1)
  const moment = all[index]
  const goals = useMemo(() => (view?.tasks ?? []).flatMap((task) => (task.goal ? [task.goal] : [])), [view?.tasks])
  const scene = useMemo(
    () => sceneOf(moment?.world ?? { connected: true, containers: [], images: [], networks: [], volumes: [] }, goals),
    [moment, goals],
  )
  const empty = scene.images.length + scene.containers.length + scene.ghosts.length === 0
  const step = (by: number) => {
    const next = index + by
    shownMoment.set(next >= all.length - 1 ? undefined : Math.max(0, next))
  }
  return (
    <div className={`picture ${shown === undefined ? '' : 'past'}`}>
      <div className="bar">
        <button type="button" onClick={() => shownMoment.set(shown === undefined ? all.length - 1 : undefined)}>
          {shown === undefined ? `Ⅱ ${words.pause}` : `▶ ${words.play}`}
        </button>
        <button type="button" aria-label={words.back} onClick={() => step(-1)} disabled={index === 0}>
          ‹
        </button>
        <input
          type="range"
          aria-label={words.past(all.length - 1 - index)}
          min={0}
          max={Math.max(all.length - 1, 0)}
          value={index}
          onChange={(event) => {
            const next = event.target.valueAsNumber
            shownMoment.set(next >= all.length - 1 ? undefined : next)
          }}
        />
        <button type="button" aria-label={words.forward} onClick={() => step(1)} disabled={index >= all.length - 1}>
          ›
        </button>
        {shown !== undefined && <span className="ago">{words.past(all.length - 1 - index)}</span>}
        <span className="grow" />
        <button type="button" aria-pressed={list} onClick={() => setList(!list)}>
          ▤ {list ? words.asPicture : words.asList}
        </button>
      </div>
      {moment && !moment.world.connected && <p className="banner">{words.engineGone}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <div className="scene" tabIndex={0} role="group" aria-label={words.picture}>
        {empty && <p className="empty">{words.empty}</p>}
        {list ? <AsList scene={scene} /> : <Drawing scene={scene} onSelect={setSelected} />}
        {selected && <Card selected={selected} onClose={() => setSelected(undefined)} />}
      </div>
      <p className="caption" aria-live="polite">
        {caption}
      </p>
    </div>
  )
}

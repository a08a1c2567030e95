import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { useWords } from '../language/language.ts'

export type Preset = 'read' | 'do' | 'watch' | 'projector'

/** Shares of the window, in percent: the lesson's width, the picture's height. */
interface Sizes {
  lesson: number
  picture: number
}

const presets: Record<Preset, Sizes> = {
  read: { lesson: 48, picture: 45 },
  do: { lesson: 30, picture: 45 },
  watch: { lesson: 24, picture: 66 },
  projector: { lesson: 0, picture: 52 },
}

const key = 'manufacture.layout'

export function rememberedPreset(): Preset {
  const stored = localStorage.getItem(key)
  return stored !== null && stored in presets ? (stored as Preset) : 'do'
}

const bounded = (value: number, min: number, max: number) => Math.min(Math.max(value, min), max)

interface SplitterProps {
  label: string
  orientation: 'vertical' | 'horizontal'
  value: number
  min: number
  max: number
  onChange(value: number): void
}

/** A window splitter (ARIA pattern): drag it, or move it with the arrow keys. */
function Splitter({ label, orientation, value, min, max, onChange }: SplitterProps) {
  const element = useRef<HTMLDivElement>(null)
  const move = (event: React.PointerEvent) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
    const area = element.current?.parentElement?.getBoundingClientRect()
    if (!area) return
    const share =
      orientation === 'vertical'
        ? ((event.clientX - area.left) / area.width) * 100
        : ((event.clientY - area.top) / area.height) * 100
    onChange(bounded(share, min, max))
  }
  const keyDown = (event: React.KeyboardEvent) => {
    const less = orientation === 'vertical' ? 'ArrowLeft' : 'ArrowUp'
    const more = orientation === 'vertical' ? 'ArrowRight' : 'ArrowDown'
    const next = { [less]: value - 2, [more]: value + 2, Home: min, End: max }[event.key]
    if (next === undefined) return
    event.preventDefault()
    onChange(bounded(next, min, max))
  }
  return (
    <div
      ref={element}
      className={`splitter ${orientation}`}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={Math.round(value)}
      aria-valuemin={min}
      aria-valuemax={max}
      onKeyDown={keyDown}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={move}
    />
  )
}

export interface LayoutProps {
  preset: Preset
  lesson: ReactNode
  picture: ReactNode
  work: ReactNode
}

/** Three things in sight at once: words, picture, hands. On a phone they follow one another. */
export function Layout({ preset, lesson, picture, work }: LayoutProps) {
  const words = useWords()
  const [sizes, setSizes] = useState(presets[preset])
  useEffect(() => {
    setSizes(presets[preset])
    localStorage.setItem(key, preset)
  }, [preset])
  const cyclePanes = useCallback((event: KeyboardEvent) => {
    if (event.key !== 'F6') return
    const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter(
      (pane) => pane.offsetParent !== null,
    )
    const at = panes.findIndex((pane) => pane.contains(document.activeElement))
    const next = panes[(at + (event.shiftKey ? panes.length - 1 : 1)) % panes.length]
    event.preventDefault()
    const inner = next?.querySelector<HTMLElement>('[data-pane-focus]')
    ;(inner ?? next)?.focus()
  }, [])
  useEffect(() => {
    window.addEventListener('keydown', cyclePanes, true)
    return () => window.removeEventListener('keydown', cyclePanes, true)
  }, [cyclePanes])

  return (
    <div className={`layout preset-${preset}`} style={{ '--lesson': `${sizes.lesson}%` } as React.CSSProperties}>
      {preset !== 'projector' && (
        <>
          <section className="pane pane-lesson" data-pane aria-label={words.lesson} tabIndex={-1}>
            {lesson}
          </section>
          <Splitter
            label={words.lesson}
            orientation="vertical"
            value={sizes.lesson}
            min={18}
            max={70}
            onChange={(value) => setSizes((before) => ({ ...before, lesson: value }))}
          />
        </>
      )}
      <div className="right" style={{ '--picture': `${sizes.picture}%` } as React.CSSProperties}>
        <section className="pane pane-picture" data-pane aria-label={words.picture} tabIndex={-1}>
          {picture}
        </section>
        <Splitter
          label={words.picture}
          orientation="horizontal"
          value={sizes.picture}
          min={12}
          max={85}
          onChange={(value) => setSizes((before) => ({ ...before, picture: value }))}
        />
        <section className="pane pane-work" data-pane aria-label={words.terminal} tabIndex={-1}>
          {work}
        </section>
      </div>
    </div>
  )
}

import { useEffect, useRef, useState } from 'react'
import { BrowserPane } from './browser/browser-pane.tsx'
import { EditorPane } from './editor/editor-pane.tsx'
import { dictionaries, firstLanguage, LanguageContext, rememberLanguage } from './language/language.ts'
import { HelpDialog } from './layout/help-dialog.tsx'
import { Layout, type Preset, rememberedPreset } from './layout/layout.tsx'
import { MapDialog } from './layout/map-dialog.tsx'
import { rememberedTheme, rememberTheme, type Theme } from './layout/theme.ts'
import { LessonPane } from './lesson/lesson-pane.tsx'
import { PicturePane } from './picture/picture-pane.tsx'
import { useStore } from './state/store.ts'
import { connected, lesson, notice, openLesson, preparing, resetLesson, undoTask } from './state/workshop.ts'
import { TerminalPane } from './terminal/terminal-pane.tsx'

type Tool = 'terminal' | 'editor' | 'browser'
const tools: Tool[] = ['terminal', 'editor', 'browser']
const themes: Theme[] = ['auto', 'light', 'dark', 'contrast']
const presets: Preset[] = ['read', 'do', 'watch', 'projector']

const typing = (target: EventTarget | null) =>
  target instanceof Element && target.closest('input, textarea, select, .xterm, .cm-editor') !== null

export function App() {
  const [language, setLanguage] = useState(firstLanguage)
  const [preset, setPreset] = useState<Preset>(rememberedPreset)
  const [theme, setTheme] = useState<Theme>(rememberedTheme)
  const [tool, setTool] = useState<Tool>('terminal')
  const [dialog, setDialog] = useState<'map' | 'help'>()
  const view = useStore(lesson)
  const on = useStore(connected)
  const busy = useStore(preparing)
  const problem = useStore(notice)
  const words = dictionaries[language]
  const resetDialog = useRef<HTMLDialogElement>(null)

  useEffect(() => rememberLanguage(language), [language])
  useEffect(() => rememberTheme(theme), [theme])
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (event.key === 'F1' || (event.key === '?' && !typing(event.target))) {
        event.preventDefault()
        setDialog('help')
      } else if (event.key === 'm' && !typing(event.target) && !event.ctrlKey && !event.metaKey) {
        setDialog('map')
      } else if (event.altKey && event.key === 'ArrowRight' && view?.next) {
        event.preventDefault()
        void openLesson(view.next)
      } else if (event.altKey && event.key === 'ArrowLeft' && view?.previous) {
        event.preventDefault()
        void openLesson(view.previous)
      }
    }
    window.addEventListener('keydown', keys)
    return () => window.removeEventListener('keydown', keys)
  }, [view?.next, view?.previous])

  return (
    <LanguageContext value={language}>
      <header className="top">
        <strong className="mark-name">Manufacture</strong>
        <button type="button" className="quiet" onClick={() => setDialog('map')}>
          {words.map}
        </button>
        {view && <span className="where">{view.text[language].title}</span>}
        <span className="grow" />
        <button type="button" title={words.undoTitle} disabled={!view?.canUndo} onClick={() => void undoTask()}>
          ↶ {words.undo}
        </button>
        <button
          type="button"
          title={words.resetTitle}
          disabled={!view}
          onClick={() => resetDialog.current?.showModal()}
        >
          ⟲ {words.reset}
        </button>
        <select aria-label={words.layout} value={preset} onChange={(event) => setPreset(event.target.value as Preset)}>
          {presets.map((one) => (
            <option key={one} value={one}>
              {words.layouts[one]}
            </option>
          ))}
        </select>
        <select aria-label={words.theme} value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
          {themes.map((one) => (
            <option key={one} value={one}>
              {words.themes[one]}
            </option>
          ))}
        </select>
        <fieldset className="languages">
          <legend className="hidden">Langue · Language</legend>
          {(['fr', 'en'] as const).map((one) => (
            <button key={one} type="button" lang={one} aria-pressed={language === one} onClick={() => setLanguage(one)}>
              {one}
            </button>
          ))}
        </fieldset>
        <button type="button" aria-label={words.help} onClick={() => setDialog('help')}>
          ?
        </button>
      </header>
      {!on && (
        <p className="banner" role="alert">
          {words.disconnected}
        </p>
      )}
      {problem && (
        <p className="banner" role="alert">
          {problem}{' '}
          <button type="button" onClick={() => notice.set(undefined)}>
            {words.close}
          </button>
        </p>
      )}
      {busy !== undefined && (
        <p className="banner busy" role="status">
          {words.preparing} <code>{busy.trim().split('\n').at(-1)?.slice(0, 80)}</code>
        </p>
      )}
      <main>
        <Layout
          preset={preset}
          lesson={<LessonPane />}
          picture={<PicturePane />}
          work={
            <div className="work">
              <div className="tools" role="toolbar" aria-label={words.workshop}>
                {tools.map((one) => (
                  <button key={one} type="button" aria-pressed={tool === one} onClick={() => setTool(one)}>
                    {words[one]}
                  </button>
                ))}
              </div>
              <TerminalPane visible={tool === 'terminal'} />
              <EditorPane visible={tool === 'editor'} />
              <BrowserPane visible={tool === 'browser'} />
            </div>
          }
        />
      </main>
      <MapDialog open={dialog === 'map'} onClose={() => setDialog(undefined)} />
      <HelpDialog open={dialog === 'help'} onClose={() => setDialog(undefined)} />
      <dialog ref={resetDialog} aria-label={words.reset}>
        <p>{words.resetSure}</p>
        <form method="dialog" className="choices">
          <button type="submit" className="main" onClick={() => void resetLesson()}>
            {words.reset}
          </button>
          <button type="submit">{words.close}</button>
        </form>
      </dialog>
    </LanguageContext>
  )
}

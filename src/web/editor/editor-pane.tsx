import { useCallback, useEffect, useRef, useState } from 'react'
import type { FileText } from '../../workshop/server/protocol.ts'
import { useWords } from '../language/language.ts'
import { ApiFault, call } from '../state/api.ts'
import { useStore } from '../state/store.ts'
import { files as filesStore, lesson, notice, openFile } from '../state/workshop.ts'
import type { CodeEditor } from './code-mirror.ts'

const saveAfterMs = 400

type State = 'saved' | 'unsaved' | 'conflict'

/** An editor on the very files that the terminal sees. Saves by itself; a file that changed on both sides is never overwritten. */
export function EditorPane({ visible }: { visible: boolean }) {
  const words = useWords()
  const view = useStore(lesson)
  const files = useStore(filesStore)
  const wanted = useStore(openFile)
  const path = wanted?.path ?? files[0]
  const host = useRef<HTMLDivElement>(null)
  const editor = useRef<CodeEditor>(null)
  const version = useRef<string | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const [state, setState] = useState<State>('saved')
  const [disk, setDisk] = useState<FileText>()

  const save = useCallback(async (file: string) => {
    const current = editor.current
    if (!current) return
    clearTimeout(timer.current)
    const text = current.text()
    try {
      const saved = await call<FileText>('PUT', '/api/file', { path: file, text, from: version.current })
      version.current = saved.version
      if (current.text() === text) setState('saved')
    } catch (error) {
      if (error instanceof ApiFault && error.status === 409) {
        setDisk(await call<FileText>('GET', `/api/file?path=${encodeURIComponent(file)}`))
        setState('conflict')
      } else notice.set(error instanceof Error ? error.message : String(error))
    }
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another lesson has another file under the same path
  useEffect(() => {
    if (!visible || path === undefined) return
    let gone = false
    void (async () => {
      const [file, { createEditor }] = await Promise.all([
        call<FileText>('GET', `/api/file?path=${encodeURIComponent(path)}`),
        import('./code-mirror.ts'),
      ])
      if (gone || !host.current) return
      version.current = file.version
      editor.current?.dispose()
      editor.current = createEditor(host.current, {
        path,
        text: file.text,
        label: path,
        onChange() {
          setState((before) => (before === 'conflict' ? before : 'unsaved'))
          clearTimeout(timer.current)
          timer.current = setTimeout(() => void save(path), saveAfterMs)
        },
      })
      setState('saved')
      editor.current.goTo(openFile.get()?.line ?? 1)
    })().catch((error) => notice.set(error instanceof Error ? error.message : String(error)))
    return () => {
      gone = true
      clearTimeout(timer.current)
      editor.current?.dispose()
      editor.current = null
    }
  }, [path, visible, view?.id, save])

  // A file that only the terminal has changed is shown as it is on disk now.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new list of files is the sign that something was written
  useEffect(() => {
    if (!visible || path === undefined || state !== 'saved') return
    void call<FileText>('GET', `/api/file?path=${encodeURIComponent(path)}`).then(
      (file) => {
        if (file.version === version.current || !editor.current) return
        version.current = file.version
        editor.current.replace(file.text)
        clearTimeout(timer.current)
        setState('saved')
      },
      () => undefined,
    )
  }, [files])

  const keepMine = () => {
    version.current = disk?.version ?? null
    setDisk(undefined)
    if (path) void save(path)
  }
  const takeDisk = () => {
    if (disk && editor.current) {
      version.current = disk.version
      editor.current.replace(disk.text)
      clearTimeout(timer.current)
    }
    setDisk(undefined)
    setState('saved')
  }

  return (
    <div className="editor" hidden={!visible}>
      <div className="tabs" role="toolbar" aria-label={words.files}>
        <label>
          {words.files}{' '}
          <select value={path ?? ''} onChange={(event) => openFile.set({ path: event.target.value, line: 1 })}>
            {files.map((file) => (
              <option key={file}>{file}</option>
            ))}
          </select>
        </label>
        <span className={`saving ${state}`} role="status">
          {state === 'saved' ? words.saved : words.unsaved}
        </span>
        <span className="grow" />
        <button type="button" onClick={() => path && void save(path)} disabled={state === 'saved'}>
          {words.save}
        </button>
      </div>
      {state === 'conflict' && (
        <div className="banner" role="alert">
          {words.conflict}{' '}
          <button type="button" onClick={keepMine}>
            {words.keepMine}
          </button>{' '}
          <button type="button" onClick={takeDisk}>
            {words.takeDisk}
          </button>
        </div>
      )}
      <div ref={host} className="code-host" />
    </div>
  )
}

import { html } from '@codemirror/lang-html'
import { javascript } from '@codemirror/lang-javascript'
import { python } from '@codemirror/lang-python'
import { yaml } from '@codemirror/lang-yaml'
import { StreamLanguage } from '@codemirror/language'
import { dockerFile } from '@codemirror/legacy-modes/mode/dockerfile'
import { nginx } from '@codemirror/legacy-modes/mode/nginx'
import { shell } from '@codemirror/legacy-modes/mode/shell'
import { basicSetup, EditorView } from 'codemirror'

function languageOf(path: string) {
  const name = path.split('/').at(-1) ?? ''
  if (/^Dockerfile|\.Dockerfile$/.test(name)) return [StreamLanguage.define(dockerFile)]
  if (/\.py$/.test(name)) return [python()]
  if (/\.[cm]?[jt]s$/.test(name)) return [javascript({ typescript: name.includes('.ts') })]
  if (/\.ya?ml$/.test(name)) return [yaml()]
  if (/\.html$/.test(name)) return [html()]
  if (/\.sh$/.test(name)) return [StreamLanguage.define(shell)]
  if (/\.(conf|template)$/.test(name)) return [StreamLanguage.define(nginx)]
  return []
}

export interface CodeEditor {
  text(): string
  replace(text: string): void
  goTo(line: number): void
  focus(): void
  dispose(): void
}

export function createEditor(
  parent: HTMLElement,
  options: { path: string; text: string; label: string; onChange(): void },
): CodeEditor {
  const view = new EditorView({
    parent,
    doc: options.text,
    extensions: [
      basicSetup,
      ...languageOf(options.path),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': options.label }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) options.onChange()
      }),
    ],
  })
  return {
    text: () => view.state.doc.toString(),
    replace: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    goTo(line) {
      const place = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines))
      view.dispatch({ selection: { anchor: place.from }, scrollIntoView: true })
    },
    focus: () => view.focus(),
    dispose: () => view.destroy(),
  }
}

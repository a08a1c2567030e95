import { useEffect, useRef } from 'react'
import { useWords } from '../language/language.ts'
import { insertInTerminal, openLesson } from '../state/workshop.ts'

const shells = /language-(sh|shell|bash|console)\b/

/** HTML of a lesson (made from markdown on the server), with a button at each command. */
export function ProseHtml({ html, commands = true }: { html: string; commands?: boolean }) {
  const words = useWords()
  const element = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the buttons belong to this very html
  useEffect(() => {
    const root = element.current
    if (!root) return
    for (const block of root.querySelectorAll('pre')) {
      const code = block.querySelector('code')
      block.tabIndex = 0
      if (!code || !commands || !shells.test(code.className)) continue
      const button = document.createElement('button')
      button.type = 'button'
      button.className = 'insert'
      button.textContent = words.insert
      button.addEventListener('click', () => insertInTerminal(code.textContent ?? ''))
      block.after(button)
    }
    const follow = (event: MouseEvent) => {
      const link = (event.target as Element).closest('a')
      const id = link?.getAttribute('href')?.match(/^lesson:(.+)$/)?.[1]
      if (!id) return
      event.preventDefault()
      void openLesson(id)
    }
    root.addEventListener('click', follow)
    return () => {
      root.removeEventListener('click', follow)
      for (const button of root.querySelectorAll('button.insert')) button.remove()
    }
  }, [html, words, commands])
  // biome-ignore lint/security/noDangerouslySetInnerHtml: rendered by markdown-it with raw HTML escaped
  return <div ref={element} className="prose" dangerouslySetInnerHTML={{ __html: html }} />
}

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '@fontsource-variable/source-serif-4/wght.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import './style/tokens.css'
import './style/page.css'
import './style/lesson.css'
import './style/picture.css'
import { App } from './app.tsx'
import { follow } from './state/workshop.ts'

const page = document.getElementById('page')
if (!page) throw new Error('the page has no #page')
follow()
createRoot(page).render(
  <StrictMode>
    <App />
  </StrictMode>,
)

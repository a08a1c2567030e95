export type Theme = 'auto' | 'light' | 'dark' | 'contrast'

const key = 'manufacture.theme'

export function rememberedTheme(): Theme {
  const stored = localStorage.getItem(key)
  return stored === 'light' || stored === 'dark' || stored === 'contrast' ? stored : 'auto'
}

export function rememberTheme(theme: Theme): void {
  localStorage.setItem(key, theme)
  document.documentElement.dataset.theme = theme
}

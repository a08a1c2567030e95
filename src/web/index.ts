/** The door of web/: the page is a bundle of its own; others only have it built. */
export { buildPage } from './build/build-page.ts'

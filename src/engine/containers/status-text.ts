import { millisecondsOf, never } from '../core/timestamp.ts'
import type { Container } from './container.ts'

/** docker/go-units HumanDuration. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  const minutes = Math.floor(seconds / 60)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.round(seconds / 3600)
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`
  return `${Math.floor(hours / 24 / 365)} years`
}

/** The STATUS column of `docker ps`. */
export function statusText(container: Container, now: Date): string {
  const { state } = container.record
  const since = (moment: string) => humanDuration(now.getTime() - millisecondsOf(moment))
  if (state.status === 'restarting') return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`
  if (container.running) {
    const up = `Up ${since(state.startedAt)}`
    if (container.paused) return `${up} (Paused)`
    if (!state.health) return up
    return `${up} (${state.health.Status === 'starting' ? 'health: starting' : state.health.Status})`
  }
  if (container.removing) return 'Removal In Progress'
  if (state.status === 'dead') return 'Dead'
  if (state.startedAt === never) return 'Created'
  if (state.finishedAt === never) return ''
  return `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`
}

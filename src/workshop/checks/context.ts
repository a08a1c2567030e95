import type { DockerEndpoint } from '../docker/endpoint.ts'
import type { World } from '../docker/world.ts'

/** What a check may look at. */
export interface CheckContext {
  world: World
  endpoint: DockerEndpoint
  /** The learner's folder of this lesson. */
  folder: string
  /** Environment of `sh` checks. */
  env: NodeJS.ProcessEnv
  /** Answers given in the page, by id. */
  answers: ReadonlyMap<string, string | number>
  /** Command lines typed in the terminal since the lesson began, with their exit codes. */
  typed: readonly { command: string; exitCode: number }[]
  /** In nanoseconds since 1970: events before it belong to an earlier life. */
  sinceNano: number
}

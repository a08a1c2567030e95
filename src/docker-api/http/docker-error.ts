/**
 * What goes wrong in the dialect of the Docker Engine API: an HTTP status and the sentence that becomes `{message}`.
 * Thrown anywhere in this room; turned into a response in one place (`server.ts`).
 */
export class DockerError extends Error {
  readonly status: number

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DockerError'
    this.status = status
  }
}

/** The request itself is wrong. */
export const badRequest = (message: string) => new DockerError(400, message)

/** The way out for a client that wants BuildKit. */
export const withoutBuildKit =
  'BuildKit is not supported by this daemon; set DOCKER_BUILDKIT=0 in the environment to build with the classic builder'

import { chmod, unlink } from 'node:fs/promises'
import type { Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { DockerApi, DockerApiOptions } from './contract.ts'
import { translate } from './engine-faults.ts'
import { Router } from './http/router.ts'
import { createHttpServer } from './http/server.ts'
import { routes } from './sections/index.ts'

/** Puts the sections on an HTTP server; it answers once `listen` was called. */
export function createDockerApi(options: DockerApiOptions): DockerApi {
  const { log, version } = options
  const server = createHttpServer({ router: new Router(routes(options)), log, version, translate })
  const connections = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  let path: string | undefined

  async function close(): Promise<void> {
    if (path === undefined) return
    path = undefined
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of connections) socket.destroy()
    await closed
  }

  return {
    async listen(socketPath) {
      await removeStaleSocket(socketPath)
      await listenPrivately(server, socketPath)
      path = socketPath
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The file must not be open to others even for the moment between bind and chmod. */
async function listenPrivately(server: Server, socketPath: string): Promise<void> {
  const mask = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(socketPath, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } finally {
    process.umask(mask)
  }
  await chmod(socketPath, 0o600)
}

async function removeStaleSocket(socketPath: string): Promise<void> {
  const answered = await new Promise<boolean>((resolve) => {
    const probe = connect(socketPath, () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
  if (answered) throw new Error(`Cannot listen on ${socketPath}: another process already does`)
  await unlink(socketPath).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

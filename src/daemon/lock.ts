import { createServer } from 'node:net'

/**
 * Holds the instance for this process. An abstract unix socket is the lock: the kernel lets go of it when its holder
 * dies, however it dies, and it is never a file left behind.
 *
 * @throws when another process holds it
 */
export async function lockInstance(id: string): Promise<AsyncDisposable> {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new Error(`another daemon holds instance ${id}`, { cause: error }) : error)
    })
    server.listen(`\0manufacture-${id}`, resolve)
  })
  server.unref()
  return {
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

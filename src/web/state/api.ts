/** The server's answer was no: its own sentence. */
export class ApiFault extends Error {
  override name = 'ApiFault'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    method,
    ...(method === 'GET' ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) }),
  })
  const text = await response.text()
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T
  let message = text
  try {
    message = (JSON.parse(text) as { message: string }).message
  } catch {
    // A plain sentence is the message already.
  }
  throw new ApiFault(response.status, message)
}

/** A WebSocket of this server that comes back by itself, with a little more patience each time. */
export function reconnecting(
  path: string,
  handlers: { message(data: string): void; connected(on: boolean, send: (data: string) => void): void },
): { close(): void } {
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let patienceMs = 250
  let closed = false
  const open = () => {
    socket = new WebSocket(`ws://${location.host}${path}`)
    const current = socket
    current.onopen = () => {
      patienceMs = 250
      handlers.connected(true, (data) => current.readyState === WebSocket.OPEN && current.send(data))
    }
    current.onmessage = (event) => handlers.message(String(event.data))
    current.onclose = (event) => {
      handlers.connected(false, () => undefined)
      // 1000: the shell has ended; 4404: there is no such terminal. Neither comes back.
      if (closed || event.code === 1000 || event.code === 4404) return
      timer = setTimeout(open, patienceMs)
      patienceMs = Math.min(patienceMs * 1.6, 5_000)
    }
  }
  open()
  return {
    close() {
      closed = true
      clearTimeout(timer)
      socket?.close()
    },
  }
}

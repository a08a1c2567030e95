import type { ExecProcess } from '../../linux/index.ts'
import type { ExecConfig } from '../shapes/index.ts'

/** One `docker exec`, from its creation until some time after its end. */
export interface Exec {
  id: string
  containerId: string
  config: ExecConfig
  user: string
  workingDir: string
  env: string[]
  detachKeys: Buffer | null
  running: boolean
  exitCode: number | null
  process: ExecProcess | null
  endedAt: number | null
}

// As long as moby remembers one that has ended.
const rememberedMs = 5 * 60_000

export class ExecStore {
  readonly #byId = new Map<string, Exec>()

  add(exec: Exec): void {
    const now = Date.now()
    for (const [id, old] of this.#byId) {
      if (old.endedAt !== null && now - old.endedAt > rememberedMs) this.#byId.delete(id)
    }
    this.#byId.set(exec.id, exec)
  }

  get(id: string): Exec | undefined {
    return this.#byId.get(id)
  }

  /** Of a container that is gone. */
  forget(containerId: string): void {
    for (const [id, exec] of this.#byId) if (exec.containerId === containerId) this.#byId.delete(id)
  }
}

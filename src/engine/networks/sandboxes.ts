import type { Sandbox } from './sandbox.ts'

/** Which container is where, and which ports of the host are whose. */
export class Sandboxes {
  readonly #byContainer = new Map<string, Sandbox>()
  /** `tcp 0.0.0.0 8000` → endpoint's holder. */
  readonly #ports = new Map<string, string>()

  get(containerId: string): Sandbox | undefined {
    return this.#byContainer.get(containerId)
  }

  set(sandbox: Sandbox): void {
    this.#byContainer.set(sandbox.containerId, sandbox)
  }

  delete(containerId: string): void {
    this.#byContainer.delete(containerId)
  }

  all(): Sandbox[] {
    return [...this.#byContainer.values()]
  }

  /** False where another container of this engine has the port, on this address or on all. */
  claimPort(protocol: string, address: string, port: number, containerId: string): boolean {
    const any = address.includes(':') ? '::' : '0.0.0.0'
    const prefix = `${protocol} `
    for (const [key, holder] of this.#ports) {
      const [, heldAddress = '', heldPort = ''] = key.split(' ')
      if (!key.startsWith(prefix) || Number(heldPort) !== port || holder === containerId) continue
      const sameFamily = heldAddress.includes(':') === address.includes(':')
      if (sameFamily && (heldAddress === address || heldAddress === any || address === any)) return false
    }
    this.#ports.set(`${protocol} ${address} ${port}`, containerId)
    return true
  }

  releasePort(protocol: string, address: string, port: number): void {
    this.#ports.delete(`${protocol} ${address} ${port}`)
  }
}

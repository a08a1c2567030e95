import type { Registry, RegistryOptions } from '../contract.ts'

/** Opens a registry's folder, finishes or removes what an earlier process left half-made there. */
export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  throw new Error(`being written (${Object.keys(options).join()})`)
}

import type { Library, LibraryOptions } from '../contract.ts'

/** Opens a library folder, sweeps what a killed assembly left there. */
export async function openLibrary(options: LibraryOptions): Promise<Library> {
  throw new Error(`being written (${Object.keys(options).join()})`)
}

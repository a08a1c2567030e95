import type { ImageTransfer, ImageTransferOptions } from '../contract.ts'

/** Opens the client side: pulls and pushes through one content store and one layer store. */
export function openImageTransfer(options: ImageTransferOptions): ImageTransfer {
  throw new Error(`being written (${Object.keys(options).join()})`)
}

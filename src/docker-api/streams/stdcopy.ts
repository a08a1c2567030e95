/** Names the stream of a frame. */
export const streams = { stdin: 0, stdout: 1, stderr: 2, systemErr: 3 } as const

/**
 * Docker's multiplexed stream: each frame is one byte for the stream, three zeros, the length in four bytes big-endian,
 * then the bytes.
 */
export function frameHeader(stream: number, length: number): Buffer {
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(length, 4)
  return header
}

/** One frame as one buffer. */
export function frame(stream: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([frameHeader(stream, bytes.length), bytes])
}

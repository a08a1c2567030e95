import { createHash, type Hash } from 'node:crypto'
import { OciError } from './oci-error.ts'

declare const digestBrand: unique symbol

/** `algorithm:hex`, checked: the name of a blob. */
export type Digest = string & { readonly [digestBrand]: true }
/** Digest of a layer's uncompressed tar (`rootfs.diff_ids`). */
export type DiffId = Digest
/** Digest over a layer and everything beneath it: the name of a layer folder. */
export type ChainId = Digest

export type DigestAlgorithm = 'sha256' | 'sha512'

const hexLength: Record<DigestAlgorithm, number> = { sha256: 64, sha512: 128 }
const form = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/
const hexForm = /^[a-f0-9]+$/

function fault(text: string): OciError | undefined {
  if (!form.test(text)) return new OciError('invalid', 'invalid checksum digest format')
  const [algorithm = '', hex = ''] = text.split(':')
  if (!Object.hasOwn(hexLength, algorithm)) return new OciError('unsupported', 'unsupported digest algorithm')
  if (hex.length !== hexLength[algorithm as DigestAlgorithm]) {
    return new OciError('invalid', 'invalid checksum digest length')
  }
  return hexForm.test(hex) ? undefined : new OciError('invalid', 'invalid checksum digest format')
}

/** @throws OciError with the sentence of opencontainers/go-digest */
export function parseDigest(text: string): Digest {
  const error = fault(text)
  if (error) throw error
  return text as Digest
}

export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && fault(text) === undefined
}

export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.slice(0, digest.indexOf(':')) as DigestAlgorithm
}

/** The hexadecimal part alone. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1)
}

export function digestOf(bytes: Uint8Array | string, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest
}

/** A running digest: feed it chunks, read it once or (through `peek`) in between. */
export class Digester {
  readonly algorithm: DigestAlgorithm
  readonly #hash: Hash
  #size = 0

  constructor(algorithm: DigestAlgorithm = 'sha256') {
    this.algorithm = algorithm
    this.#hash = createHash(algorithm)
  }

  get size(): number {
    return this.#size
  }

  update(chunk: Uint8Array): this {
    this.#hash.update(chunk)
    this.#size += chunk.byteLength
    return this
  }

  peek(): Digest {
    return `${this.algorithm}:${this.#hash.copy().digest('hex')}` as Digest
  }

  digest(): Digest {
    return `${this.algorithm}:${this.#hash.digest('hex')}` as Digest
  }
}

/** The chain id of every layer, lowest first: `chain(n) = sha256(chain(n-1) + " " + diff(n))`. */
export function chainIds(diffIds: readonly DiffId[]): ChainId[] {
  const chain: ChainId[] = []
  for (const diffId of diffIds) chain.push(chainIdOf(chain.at(-1), diffId))
  return chain
}

export function chainIdOf(parent: ChainId | undefined, diffId: DiffId): ChainId {
  return parent === undefined ? diffId : digestOf(`${parent} ${diffId}`)
}
